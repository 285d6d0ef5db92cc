"""Looking at accounts of a Plex server and changing them, and seeing it with python-plexapi."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from services.workers.access.presence import Present, Wish
from services.workers.access.provider import ChangedMeanwhile, HalfDone, Untouchable
from shared.outside.errors import Malformed, OutsideError
from tests.simulators.faults import Faults
from tests.support.foreign_clients import libraries_opened, titles_by_plexapi
from tests.support.providers import Providers, bring, look, providers

SHARES, SHARE, USERS = "/api/servers/*/shared_servers", "/api/servers/*/shared_servers/*", "/api/users"
NOTHING = Wish()


@pytest.fixture
async def here() -> AsyncIterator[Providers]:
    async with providers() as found:
        yield found
        for server in (found.plextv, found.plex_server):
            assert not server.requests.unknown, "no request that the server does not know"


def changes(here: Providers) -> list[str]:
    """What plex.tv was made to change, in order."""
    return [change.what for change in here.plextv.journal.changes]


def keys_of(present: Present) -> set[int]:
    return {int(key) for key in present.observed}


def wish(libraries: set[int]) -> Wish:
    return Wish(libraries=frozenset(map(str, libraries)))


def titles(here: Providers, keys: set[int]) -> set[str]:
    return {here.machine.libraries[key].title for key in keys}


async def test_a_look_says_what_plex_tv_says(here: Providers) -> None:
    some, everything = here.guest(), here.guest(all_libraries=True)
    managed, bare = here.home_member("managed"), here.bare_friend()
    invited = next(share for share in here.state.shares_of([here.machine]) if share.accepted_at is None)
    asked = [str(who) for who in (some.person, everything.person, managed, bare, invited.person, 12345)]
    owner = str(here.machine.server.owner)
    seen = await (await here.plex()).look([*asked, owner])
    assert [seen[account].state for account in asked] == ["active", "active", "active", "active", "pending", "removed"]
    assert keys_of(seen[asked[0]]) == some.libraries
    assert keys_of(seen[asked[1]]) == set(here.machine.libraries)
    assert [seen[account].all_libraries for account in asked[:2]] == [False, True]
    assert not any(seen[account].observed for account in asked[3:])
    assert (keys_of(seen[owner]), seen[owner].all_libraries) == (set(here.machine.libraries), True)
    assert here.plextv.requests.count("GET", SHARES) == here.plextv.requests.count("GET", USERS) == 1


async def test_access_ends_and_comes_back_as_plexapi_sees_it(here: Providers) -> None:
    plex, share = await here.plex(), here.guest()
    account, had, person = str(share.person), set(share.libraries or ()), here.state.people[share.person]
    assert await titles_by_plexapi(here, person.username) == titles(here, had)
    gone = await bring(plex, account, NOTHING)
    assert (gone.observed, gone.state) == (frozenset(), "active"), "the friendship stays"
    assert await titles_by_plexapi(here, person.username) == set()
    back = await bring(plex, account, wish(had))
    assert keys_of(back) == had
    assert await titles_by_plexapi(here, person.username) == titles(here, had)
    fewer = await bring(plex, account, wish({min(had)}))
    assert keys_of(fewer) == {min(had)} and await titles_by_plexapi(here, person.username) == titles(here, {min(had)})
    assert changes(here) == ["share.deleted", "share.created", "share.updated"]
    assert await libraries_opened(here, account) == {min(had)}


@pytest.mark.parametrize("standing", ["home", "managed"])
async def test_the_home_goes_the_same_way(here: Providers, standing: str) -> None:
    plex, person = await here.plex(), here.home_member(standing)
    assert keys_of(await bring(plex, str(person), wish({1, 2}))) == {1, 2}
    assert not (await bring(plex, str(person), NOTHING)).observed
    assert keys_of(await bring(plex, str(person), wish({3}))) == {3}
    share = here.share_of(str(person))
    assert share is not None and share.libraries == {3} and share.accepted_at is not None


async def test_all_libraries_stay_all_become_some_and_all_again(here: Providers) -> None:
    plex, share = await here.plex(), here.guest(all_libraries=True)
    account, every = str(share.person), set(here.machine.libraries)
    share.settings["allowSync"] = "1"
    before = await look(plex, account)
    assert await plex.apply(account, before, wish(every)) == before and changes(here) == []
    some = await plex.apply(account, before, wish(every - {1}))
    assert (keys_of(some), some.all_libraries) == (every - {1}, False)
    again = await plex.apply(account, some, Wish(restore=before.raw))
    assert (keys_of(again), again.all_libraries) == (every, True)
    assert changes(here) == ["share.updated", "share.deleted", "share.created"]
    nothing = await plex.apply(account, again, NOTHING)
    restored = await plex.apply(account, nothing, Wish(restore=before.raw))
    assert restored.all_libraries
    found = here.share_of(account)
    assert found is not None and found.libraries is None and found.settings["allowSync"] == "1"


async def test_a_former_share_is_put_back_as_far_as_its_libraries_are_there(here: Providers) -> None:
    share = here.guest()
    account, had = str(share.person), set(share.libraries or ())
    before = await look(await here.plex(), account)
    await bring(await here.plex(), account, NOTHING)
    del here.machine.libraries[min(had)]
    back = await bring(await here.plex(), account, Wish(restore=before.raw))
    assert keys_of(back) == had - {min(had)} and not back.all_libraries


async def test_an_account_that_was_changed_meanwhile_is_left_as_it_is(here: Providers) -> None:
    plex, share = await here.plex(), here.guest()
    before = await look(plex, str(share.person))
    share.libraries = {1}
    with pytest.raises(ChangedMeanwhile) as changed:
        await plex.apply(str(share.person), before, wish({2, 3}))
    assert keys_of(changed.value.present) == {1}
    here.state.unfriend(here.machine.server.owner, share.person)
    with pytest.raises(ChangedMeanwhile) as gone:
        await plex.apply(str(share.person), before, wish({2, 3}))
    assert gone.value.present.state == "removed"
    assert (await plex.apply(str(share.person), before, NOTHING)).state == "removed", "so it is already"
    assert changes(here) == []


async def test_the_owner_is_never_touched(here: Providers) -> None:
    plex, owner = await here.plex(), here.state.people[here.machine.server.owner]
    before = await look(plex, str(owner.id))
    with pytest.raises(Untouchable):
        await plex.apply(str(owner.id), before, NOTHING)
    with pytest.raises(Untouchable):
        await plex.invite(owner.email.upper(), frozenset("1"))
    assert not here.plextv.requests.sent()


async def test_a_library_that_plex_tv_does_not_know_is_given_to_nobody(here: Providers) -> None:
    plex, share = await here.plex(), here.guest()
    with pytest.raises(Malformed, match="does not know library 99"):
        await bring(plex, str(share.person), wish({1, 99}))
    assert not here.plextv.requests.sent()


async def test_a_stranger_is_invited_once_and_is_the_same_after_signing_up(here: Providers) -> None:
    plex = await here.plex()
    account, invited = await plex.invite("new@example.net", frozenset({"1", "2"}))
    share = next(share for share in here.state.shares.values() if share.person in here.state.strangers)
    assert account == f"invited-{share.id}" and share.libraries == {1, 2}
    assert (invited.state, invited.observed) == ("pending", frozenset())
    assert await plex.invite("New@example.net", frozenset("3")) == (account, invited), "found, and left as it is"
    assert await look(plex, account) == invited
    withdrawn = await plex.apply(account, invited, NOTHING)
    assert withdrawn.state == "removed"
    assert changes(here) == ["share.created", "share.deleted"]


async def test_a_friend_who_is_invited_has_it_at_once(here: Providers) -> None:
    plex, person = await here.plex(), here.state.people[here.bare_friend()]
    account, now = await plex.invite(person.email, frozenset("2"))
    assert (account, now.state, sorted(now.observed)) == (str(person.id), "active", ["2"])
    with pytest.raises(ValueError, match="no library"):
        await plex.invite("new@example.net", frozenset())


LOST: dict[str, Callable[[Faults], object]] = {
    "broken off": lambda faults: faults.truncate(SHARE, method="PUT", times=1, kept=0.0),
    "held up": lambda faults: faults.answer(SHARE, 502, method="PUT", times=1),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
async def test_a_write_whose_answer_was_lost_is_looked_at_before_it_is_made_again(
    here: Providers, fault: Callable[[Faults], object]
) -> None:
    plex, share = await here.plex(), here.guest()
    before = await look(plex, str(share.person))
    fault(here.plextv.faults)
    assert keys_of(await plex.apply(str(share.person), before, wish({1}))) == {1}
    assert changes(here) == ["share.updated"]


async def test_an_invitation_whose_answer_was_lost_is_not_sent_twice(here: Providers) -> None:
    plex = await here.plex()
    here.plextv.faults.truncate(SHARES, method="POST", times=1, kept=0.0)
    account, invited = await plex.invite("new@example.net", frozenset("1"))
    assert account.startswith("invited-") and invited.state == "pending"
    assert changes(here) == ["share.created"] and here.plextv.requests.count("POST", SHARES) == 1


async def test_a_share_that_could_not_be_made_anew_is_said_to_be_missing(here: Providers) -> None:
    plex, share = await here.plex(), here.guest(all_libraries=True)
    account = str(share.person)
    before = await look(plex, account)
    some = await plex.apply(account, before, wish({1}))
    here.plextv.faults.answer(SHARES, 500, method="POST")
    with pytest.raises(HalfDone, match="is missing now"):
        await plex.apply(account, some, Wish(restore=before.raw))
    here.plextv.faults.clear()
    assert (await bring(plex, account, Wish(restore=before.raw))).all_libraries


def both_empty(faults: Faults) -> None:
    faults.empty(SHARES)
    faults.empty(USERS)


PLEX_TROUBLE: dict[str, Callable[[Faults], object]] = {
    "shares 500": lambda faults: faults.answer(SHARES, 500),
    "shares empty": lambda faults: faults.empty(SHARES),
    "shares half": lambda faults: faults.half(SHARES),
    "shares cut": lambda faults: faults.truncate(SHARES),
    "shares nothing": lambda faults: faults.answer(SHARES, 200),
    "users 500": lambda faults: faults.answer(USERS, 500),
    "shares hidden half": lambda faults: faults.hidden_half(SHARES),
    "users hidden half": lambda faults: faults.hidden_half(USERS),
    "users empty": lambda faults: faults.empty(USERS),
    "users half": lambda faults: faults.half(USERS),
    "both empty": both_empty,
}


@pytest.mark.parametrize("fault", PLEX_TROUBLE.values(), ids=PLEX_TROUBLE.keys())
async def test_plex_tv_in_trouble_is_never_lost_access(here: Providers, fault: Callable[[Faults], object]) -> None:
    plex, account = await here.plex(), str(here.guest().person)
    before = await look(plex, account)
    fault(here.plextv.faults)
    with pytest.raises(OutsideError):
        await plex.look([account])
    here.plextv.faults.clear()
    assert await look(plex, account) == before


async def test_a_server_without_libraries_is_asked_for_nothing(here: Providers) -> None:
    here.plex_server.faults.empty("/library/sections")
    with pytest.raises(Malformed, match="lists no library"):
        await here.plex()


async def test_an_open_invitation_shows_nothing_and_can_be_changed(here: Providers) -> None:
    plex, share = await here.plex(), here.guest()
    share.accepted_at = None
    invited = await bring(plex, str(share.person), wish({2}))
    assert (invited.state, sorted(invited.observed), share.libraries) == ("pending", [], {2})
    seen = await here.observe("plex")
    (account,) = (account for account in seen.accounts if account.outside_id == str(share.person))
    assert (account.state, account.share_id) == ("pending", str(share.id))
    assert account.outside_id not in seen.access
