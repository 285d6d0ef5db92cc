"""The simulated plex.tv, proven with python-plexapi: accounts, friends, invitations and shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.myplex import MyPlexAccount

from services.workers.access.presence import Wish
from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.simulators.plex_state import PlexState
from tests.simulators.plextv import PlexTv
from tests.simulators.redirect import plex_session
from tests.support.plex_clients import account, blocking, libraries_of, server
from tests.support.providers import bring, providers

pytestmark = pytest.mark.contract


@pytest.fixture
async def neighbourhood() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as servers:
        yield servers


async def test_the_account_and_its_servers(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[0]
    owner = plex.state.people[plex.machine.server.owner]
    mine = await account(neighbourhood)
    assert (mine.id, mine.username, mine.email) == (owner.id, owner.username, owner.email)
    resources = await blocking(mine.resources)
    owned = [resource for resource in resources if resource.owned]
    assert [(r.clientIdentifier, r.accessToken) for r in owned] == [(plex.machine.identifier, plex.owner_token)]
    assert [connection.uri for connection in owned[0].connections] == [plex.url]


async def test_friends_and_what_is_shared_with_each(neighbourhood: Neighbourhood) -> None:
    for plex in neighbourhood.plex:
        mine = await account(neighbourhood, plex)
        users = await blocking(mine.users)
        members = {m.person: m for m in neighbourhood.household.members_of(plex.machine.server)}
        expected = {person for person, member in members.items() if member.standing != "invited"}
        assert {user.id for user in users} == expected
        for user in users:
            libraries = members[user.id].libraries
            shared = [share for share in user.servers if share.machineIdentifier == plex.machine.identifier]
            assert len(shared) == (libraries != ())
            for share in shared:
                assert share.allLibraries is (libraries is None)
        chosen = next(user for user in users if members[user.id].libraries)
        sections = await blocking(chosen.servers[0].sections)
        assert {s.key for s in sections if s.shared} == set(members[chosen.id].libraries or ())


async def test_home_users_are_told_from_friends(neighbourhood: Neighbourhood) -> None:
    users = await blocking((await account(neighbourhood)).users)
    managed = [user for user in users if user.restricted == "1"]
    assert len(managed) == 2
    assert all(user.home and user.title and not user.username and not user.email for user in managed)
    assert len([user for user in users if user.home]) == 4


async def test_a_guest_sees_what_is_shared_and_nothing_else(neighbourhood: Neighbourhood) -> None:
    plex = neighbourhood.plex[0]
    friends = {user.id: user for user in await blocking((await account(neighbourhood)).users)}
    chosen = next(s for s in plex.state.shares_of([plex.machine]) if s.libraries and s.person in friends)
    token = await blocking(friends[chosen.person].get_token, plex.machine.identifier)
    theirs = await server(neighbourhood, plex, token)
    assert {s.key for s in await libraries_of(theirs)} == chosen.libraries
    with pytest.raises(BadRequest, match="403"):
        await blocking(theirs.systemAccounts)
    hidden = next(key for key in plex.machine.libraries if key not in (chosen.libraries or set()))
    with pytest.raises(NotFound):
        await blocking(theirs.query, f"/library/sections/{hidden}/all")


async def test_the_life_of_an_invitation(neighbourhood: Neighbourhood) -> None:
    plex, state = neighbourhood.plex[0], neighbourhood.plex_state
    newcomer = state.add_person(username="newcomer", email="newcomer@example.org")
    mine = await account(neighbourhood)
    before = len(await blocking(mine.pendingInvites))
    await blocking(mine.inviteFriend, "newcomer@example.org", plex.machine.identifier, ["Movies", "Anime"])
    invite = await blocking(mine.pendingInvite, "newcomer")
    assert (invite.id, invite.servers[0].pending, invite.servers[0].numLibraries) == (newcomer.id, True, 2)
    with pytest.raises(NotFound):
        await blocking(mine.user, "newcomer")
    share = state.share_with(plex.machine.identifier, newcomer.id)
    assert share is not None
    with pytest.raises(Unauthorized):
        await server(neighbourhood, plex, share.token)

    theirs = await blocking(
        MyPlexAccount, token=state.account_token(newcomer.id), session=plex_session(neighbourhood.plextv.url)
    )
    await blocking(theirs.acceptInvite, mine.username)
    assert len(await blocking(mine.pendingInvites)) == before
    friend = await blocking(mine.user, "newcomer")
    sections = await blocking(friend.servers[0].sections)
    assert sorted(s.title for s in sections if s.shared) == ["Anime", "Movies"]
    opened = await server(neighbourhood, plex, share.token)
    assert {s.title for s in await libraries_of(opened)} == {"Anime", "Movies"}
    journal = neighbourhood.plextv.journal
    assert journal.count("share.created", newcomer.id) == journal.count("invitation.accepted", newcomer.id) == 1


async def test_a_stranger_has_no_number_before_they_sign_up(neighbourhood: Neighbourhood) -> None:
    mine, state, machine = await account(neighbourhood), neighbourhood.plex_state, neighbourhood.plex[0].machine
    await blocking(mine.inviteFriend, "stranger@example.net", machine.identifier)
    (share,) = (share for share in state.shares.values() if share.person in state.strangers)
    url = MyPlexAccount.FRIENDINVITE.format(machineId=machine.identifier)

    async def as_listed() -> Any:
        return next(e for e in await blocking(mine.query, url) if e.get("id") == str(share.id))

    listed = await as_listed()
    assert (listed.get("userID"), listed.get("email"), listed.get("acceptedAt")) == (None, "stranger@example.net", None)
    newcomer = state.sign_up(share.person, username="stranger")
    theirs = await blocking(
        MyPlexAccount, token=state.account_token(newcomer.id), session=plex_session(neighbourhood.plextv.url)
    )
    await blocking(theirs.acceptInvite, mine.username)
    assert (await as_listed()).get("userID") == str(newcomer.id)
    assert (await blocking(mine.user, "stranger")).id == newcomer.id


async def test_an_invitation_taken_back(neighbourhood: Neighbourhood) -> None:
    mine = await account(neighbourhood)
    invites = await blocking(mine.pendingInvites, includeReceived=False)
    await blocking(mine.cancelInvite, invites[0])
    assert len(await blocking(mine.pendingInvites, includeReceived=False)) == len(invites) - 1
    assert neighbourhood.plextv.journal.count("invitation.cancelled") == 1


async def test_a_stranger_is_invited_by_email(neighbourhood: Neighbourhood) -> None:
    mine = await account(neighbourhood)
    await blocking(mine.inviteFriend, "stranger@example.net", neighbourhood.plex[0].machine.identifier)
    invites = await blocking(mine.pendingInvites)
    assert [i.servers[0].allLibraries for i in invites if i.email == "stranger@example.net"] == [True]
    with pytest.raises(NotFound):
        await blocking(mine.inviteFriend, "nobody-of-this-name", neighbourhood.plex[0].machine.identifier)


async def test_a_share_changed_deleted_and_a_friend_removed(neighbourhood: Neighbourhood) -> None:
    plex, state, tv = neighbourhood.plex[0], neighbourhood.plex_state, neighbourhood.plextv
    mine = await account(neighbourhood)
    friend = next(u for u in await blocking(mine.users) if u.username and u.servers and not u.home)
    await blocking(mine.updateFriend, friend, plex.machine.identifier, ["Music"], allowSync=True)
    friend = await blocking(mine.user, friend.username)
    assert (friend.servers[0].numLibraries, friend.servers[0].allLibraries, friend.allowSync) == (1, False, True)
    assert tv.journal.count("share.updated", friend.id) == tv.journal.count("friend.updated", friend.id) == 1

    url = f"{tv.url}/api/servers/{plex.machine.identifier}/shared_servers/{friend.servers[0].id}"
    headers = {"X-Plex-Token": plex.owner_token}
    assert (await blocking(requests.delete, url, headers=headers, timeout=5)).status_code == 200
    assert (await blocking(requests.delete, url, headers=headers, timeout=5)).status_code == 404
    assert (await blocking(mine.user, friend.username)).servers == []
    assert tv.journal.count("share.deleted", friend.id) == 1

    # A friend is given a share at once; nothing has to be accepted.
    await blocking(mine.updateFriend, friend.username, plex.machine.identifier, ["Movies"])
    again = await blocking(mine.user, friend.username)
    assert [share.pending for share in again.servers] == [False]
    await blocking(mine.removeFriend, friend.username)
    with pytest.raises(NotFound):
        await blocking(mine.user, friend.username)
    assert state.share_with(plex.machine.identifier, friend.id) is None


async def test_our_writes_are_those_of_plexapi() -> None:
    async with providers() as here:
        mine, machine = await account(here.outside), here.machine.identifier
        share, bare = here.guest(), here.bare_friend()
        title = here.machine.libraries[1].title

        async def theirs() -> None:
            friend = here.state.people[share.person].username
            await blocking(mine.updateFriend, friend, machine, [title])
            url = MyPlexAccount.FRIENDSERVERS.format(machineId=machine, serverId=share.id)
            await blocking(mine.query, url, mine._session.delete)
            await blocking(mine.updateFriend, here.state.people[bare].username, machine, [title])
            await blocking(mine.inviteFriend, "one@example.net", machine, [title])

        async def ours() -> None:
            plex, only = await here.plex(), Wish(libraries=frozenset("1"))
            await bring(plex, str(share.person), only)
            await bring(plex, str(share.person), Wish())
            await bring(plex, str(bare), only)
            await plex.invite("one@example.net", frozenset("1"))

        sent = []
        for write in (theirs, ours):
            shares = dict(here.state.shares)
            had = set(share.libraries or ())
            await write()
            sent.append(here.plextv.requests.sent())
            here.plextv.requests.clear()
            here.state.shares, share.libraries = shares, had
        assert sent[0] == sent[1] and [request.method for request in sent[0]] == ["PUT", "DELETE", "POST", "POST"]


async def test_what_plex_tv_refuses(neighbourhood: Neighbourhood) -> None:
    first, second = neighbourhood.plex
    mine = await account(neighbourhood)
    friend = next(u for u in await blocking(mine.users) if u.username and u.servers)
    with pytest.raises(BadRequest, match="already sharing this server"):
        await blocking(mine.inviteFriend, friend, first.machine.identifier, ["Movies"])
    with pytest.raises(NotFound):
        await blocking(mine.inviteFriend, friend, second.machine.identifier)
    assert neighbourhood.plextv.journal.changes == []


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (None, 400),
        ({"library_section_ids": [], "invited_email": "new@example.net", "invitedEmail": ""}, 400),
        ({"library_section_ids": []}, 404),
        ({"library_section_ids": [], "invited_id": 1}, 404),
        ({"library_section_ids": [1], "invited_email": "new@example.net"}, 400),
        ({"library_section_ids": ["Movies"], "invited_email": "new@example.net"}, 400),
        ({"library_section_ids": [{}], "invited_email": "new@example.net"}, 400),
    ],
)
async def test_a_share_that_makes_no_sense_leaves_nothing_behind(
    neighbourhood: Neighbourhood, wanted: dict[str, object] | None, status: int
) -> None:
    plex, state = neighbourhood.plex[0], neighbourhood.plex_state
    before = (len(state.people), len(state.shares))
    url = f"{neighbourhood.plextv.url}/api/servers/{plex.machine.identifier}/shared_servers"
    content = {"server_id": plex.machine.identifier, "shared_server": wanted}
    headers = {"X-Plex-Token": plex.owner_token}
    assert (await blocking(requests.post, url, json=content, headers=headers, timeout=5)).status_code == status
    assert (len(state.people), len(state.shares)) == before
    assert neighbourhood.plextv.journal.changes == []


async def test_version_2_wants_to_know_which_program_is_asking(neighbourhood: Neighbourhood) -> None:
    url, token = f"{neighbourhood.plextv.url}/api/v2/user", neighbourhood.plex[0].owner_token
    headers = {"X-Plex-Token": token, "Accept": "application/json"}
    answer = await blocking(requests.get, url, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 1000)
    named = headers | {"X-Plex-Client-Identifier": "a test"}
    assert (await blocking(requests.get, url, headers=named, timeout=5)).json()["authToken"] == token


async def test_two_owners_have_their_own_friends(neighbourhood: Neighbourhood) -> None:
    first = {u.id for u in await blocking((await account(neighbourhood, neighbourhood.plex[0])).users)}
    second = {u.id for u in await blocking((await account(neighbourhood, neighbourhood.plex[1])).users)}
    assert first != second
    assert first & second


async def test_the_old_invitations_can_be_gone_while_the_new_ones_work() -> None:
    state = PlexState(make_household())
    owner = next(iter(state.machines.values())).server.owner
    client = {"X-Plex-Client-Identifier": "a test"}
    headers = client | {"X-Plex-Token": state.account_token(owner), "Accept": "application/json"}
    async with PlexTv(state, old_invites_gone=True) as tv:
        mine = await blocking(MyPlexAccount, token=state.account_token(owner), session=plex_session(tv.url))
        with pytest.raises(BadRequest, match="410"):
            await blocking(mine.pendingInvites)
        url = f"{tv.url}/api/v2/shared_servers"
        sent = (await blocking(requests.get, f"{url}/invites/owned/pending", headers=headers, timeout=5)).json()
        accepted = (await blocking(requests.get, f"{url}/owned/accepted", headers=headers, timeout=5)).json()
        assert len(sent) == 2
        assert all(share["accepted"] for share in accepted)

        share = sent[0]["sharedServers"][0]
        theirs = client | {"X-Plex-Token": state.account_token(share["invitedId"])}
        received = await blocking(requests.get, f"{url}/invites/received/pending", headers=theirs, timeout=5)
        assert received.json()[0]["owner"]["id"] == owner
        answer = await blocking(requests.post, f"{url}/{share['id']}/accept", headers=theirs, timeout=5)
        assert answer.json()["accepted"] is True
        assert share["invitedId"] in {user.id for user in await blocking(mine.users)}
