"""Looking at users of a Jellyfin server and changing them, and seeing it with jellyfin-apiclient-python."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from msgspec import structs

from services.workers.access.presence import Wish
from services.workers.access.provider import ChangedMeanwhile, Untouchable
from services.workers.clients.clients import open_clients
from shared.outside.errors import Malformed, OutsideError, Refused
from tests.simulators.jellyfin_state import User
from tests.support.foreign_clients import views_by_apiclient
from tests.support.providers import HASTE, Providers, bring, look, providers

POLICY = "/Users/*/Policy"
NOTHING = Wish()


@pytest.fixture
async def here() -> AsyncIterator[Providers]:
    async with providers() as found:
        yield found
        assert not found.jellyfin_server.requests.unknown, "no request that the server does not know"


def changes(here: Providers) -> list[str]:
    """What Jellyfin was made to change, in order."""
    return [change.what for change in here.jellyfin_server.journal.changes]


def folders(user: User) -> list[str]:
    found = user.policy["EnabledFolders"]
    assert isinstance(found, list)
    return found


async def test_a_look_says_what_the_policies_say(here: Providers) -> None:
    some, everything, admin = here.user(), here.user(all_libraries=True), here.jellyfin_server.state.administrator
    locked = next(user for user in here.jellyfin_server.state.users.values() if user.is_disabled)
    jellyfin, every = await here.jellyfin(), set(here.jellyfin_server.state.libraries)
    nobody = "0" * 31 + "1"
    seen = await jellyfin.look([some.id, everything.id, admin.id, locked.id, nobody])
    assert seen[some.id].observed == set(folders(some)) and not seen[some.id].all_libraries
    assert seen[everything.id].observed == every == seen[admin.id].observed
    assert [seen[who].state for who in (some.id, locked.id, nobody)] == ["active", "disabled", "removed"]


async def test_access_ends_and_comes_back_as_the_apiclient_sees_it(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    had = set(folders(user))
    assert await views_by_apiclient(here, user) == had
    assert not (await bring(jellyfin, user.id, NOTHING)).observed
    assert await views_by_apiclient(here, user) == set()
    assert (await bring(jellyfin, user.id, Wish(libraries=frozenset(had)))).observed == had
    assert await views_by_apiclient(here, user) == had
    assert changes(here) == ["policy.replaced"] * 2


UNUSUAL: dict[str, object] = {
    "IsHidden": False,
    "MaxParentalRating": 13,
    "MaxParentalSubRating": 2,
    "BlockedTags": ["gore"],
    "AccessSchedules": [{"Id": 1, "UserId": "a" * 32, "DayOfWeek": "Sunday", "StartHour": 8, "EndHour": 20.5}],
    "BlockUnratedItems": ["Movie"],
    "EnableLiveTvManagement": False,
    "EnableContentDeletionFromFolders": ["b" * 32],
    "EnabledDevices": ["television"],
    "EnableAllDevices": False,
    "EnabledChannels": ["c" * 32],
    "LoginAttemptsBeforeLockout": 5,
    "MaxActiveSessions": 3,
    "RemoteClientBitrateLimit": 4_000_000,
    "AuthenticationProviderId": "Jellyfin.Plugin.LDAP_Auth.LdapAuthenticationProviderPlugin",
    "SyncPlayAccess": "None",
}


async def test_of_a_policy_only_the_libraries_are_changed(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    user.policy |= UNUSUAL
    before = dict(user.policy)
    wanted = frozenset(list(here.jellyfin_server.state.libraries)[:1])
    await bring(jellyfin, user.id, Wish(libraries=wanted))
    assert user.policy == before | {"EnabledFolders": list(wanted)}
    await bring(jellyfin, user.id, NOTHING)
    assert user.policy == before | {"EnabledFolders": []}


async def test_what_a_newer_jellyfin_says_is_sent_back(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    user.policy["OfTomorrow"] = {"Nested": [1, 2.5, None, "ä"]}
    await bring(jellyfin, user.id, NOTHING)
    (asked,) = here.jellyfin_server.requests.sent()
    assert isinstance(asked.body, dict) and asked.body["OfTomorrow"] == {"Nested": [1, 2.5, None, "ä"]}


async def test_a_folder_that_is_no_library_of_now_stays_while_anything_does(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    former, kept = "d" * 32, folders(user)[0]
    user.policy["EnabledFolders"] = [former, *folders(user)]
    await bring(jellyfin, user.id, Wish(libraries=frozenset({kept})))
    assert folders(user) == [former, kept]
    await bring(jellyfin, user.id, NOTHING)
    assert folders(user) == []


async def test_all_folders_become_some_and_all_again(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user(all_libraries=True)
    before, every = await look(jellyfin, user.id), set(here.jellyfin_server.state.libraries)
    assert await jellyfin.apply(user.id, before, Wish(libraries=frozenset(every))) == before and changes(here) == []
    policy = dict(user.policy)
    fewer = await jellyfin.apply(user.id, before, Wish(libraries=frozenset(sorted(every)[1:])))
    assert fewer.observed == set(sorted(every)[1:]) and not fewer.all_libraries
    again = await jellyfin.apply(user.id, fewer, Wish(restore=before.raw))
    assert again == before and user.policy == policy


async def test_a_user_is_locked_and_unlocked(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    had = frozenset(folders(user))
    before = await look(jellyfin, user.id)
    locked = await jellyfin.apply(user.id, before, Wish(lock=True))
    assert (locked.state, locked.observed) == ("disabled", frozenset())
    assert await jellyfin.apply(user.id, before, Wish(lock=True)) == locked, "so it is already"
    opened = await jellyfin.apply(user.id, locked, Wish(libraries=had, lock=False))
    assert (opened.state, opened.observed) == ("active", had)
    await bring(jellyfin, user.id, Wish(lock=True))
    assert await bring(jellyfin, user.id, Wish(restore=before.raw)) == before
    assert await views_by_apiclient(here, user) == had


async def test_administrators_are_never_touched(here: Providers) -> None:
    jellyfin, admin = await here.jellyfin(), here.jellyfin_server.state.administrator
    with pytest.raises(Untouchable):
        await bring(jellyfin, admin.id, NOTHING)
    user = here.user()
    before = await look(jellyfin, user.id)
    user.policy["IsAdministrator"] = True
    with pytest.raises(Untouchable):
        await jellyfin.apply(user.id, before, NOTHING)
    assert changes(here) == []


async def test_a_user_who_was_changed_meanwhile_is_left_as_they_are(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    before = await look(jellyfin, user.id)
    user.policy["EnableAllFolders"] = True
    with pytest.raises(ChangedMeanwhile) as changed:
        await jellyfin.apply(user.id, before, NOTHING)
    assert changed.value.present.all_libraries
    here.jellyfin_server.state.remove_user(user)
    with pytest.raises(ChangedMeanwhile) as gone:
        await jellyfin.apply(user.id, before, NOTHING)
    assert gone.value.present.state == "removed" and changes(here) == []


async def test_a_policy_whose_answer_was_lost_is_looked_at_before_it_is_posted_again(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    before = await look(jellyfin, user.id)
    impatient = structs.replace(HASTE, patience=0.2)
    released = here.jellyfin_server.faults.hold(POLICY, method="POST", times=1)
    async with open_clients(media_manners=impatient) as clients:
        hurried = await replace(here, clients=clients).jellyfin()
        assert not (await hurried.apply(user.id, before, NOTHING)).observed
    released.set()
    here.jellyfin_server.faults.answer(POLICY, 500, method="POST", times=1)
    assert (await bring(jellyfin, user.id, Wish(libraries=before.observed))).observed == before.observed
    with pytest.raises(ValueError, match="no invitations"):
        await jellyfin.invite("new@example.net", before.observed)


@pytest.mark.parametrize("status", [500, 401, 403])
async def test_jellyfin_in_trouble_is_never_lost_access(here: Providers, status: int) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    here.jellyfin_server.faults.answer("/Users/*", status)
    with pytest.raises(OutsideError):
        await jellyfin.look([user.id])


async def test_a_404_for_somebody_who_is_listed_is_not_believed(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    here.jellyfin_server.faults.answer("/Users/*", 404)
    with pytest.raises(Malformed, match="does not find them"):
        await jellyfin.look([user.id])


async def test_a_refused_policy_is_an_error_and_not_tried_again(here: Providers) -> None:
    jellyfin, user = await here.jellyfin(), here.user()
    here.jellyfin_server.faults.answer(POLICY, 400, method="POST")
    with pytest.raises(Refused):
        await bring(jellyfin, user.id, NOTHING)
    assert here.jellyfin_server.requests.count("POST", POLICY) == 1


async def test_a_server_without_libraries_is_asked_for_nothing(here: Providers) -> None:
    here.jellyfin_server.faults.empty("/Library/*")
    with pytest.raises(Malformed, match="lists no library"):
        await here.jellyfin()
