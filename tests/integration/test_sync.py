"""Synchronizing a household's servers while life goes on there, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec import structs

from tests.simulators.household import make_household
from tests.support.town import Town, town

SYNCS = ("sync_plex", "sync_jellyfin")


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Town]:
    async with town(postgres, folder) as settled:
        yield settled


async def test_a_second_sync_of_the_same_servers_writes_no_row(here: Town) -> None:
    for name in SYNCS:
        result, run = await here.run(name)
        assert result.outcome == "succeeded"
        assert "added" in result.summary, result.summary
        assert set(run.states) == {change.number for change in run.changes}
        assert set(run.states.values()) == {"done"}
        assert run.shares[-1] == 1.0
    before = await here.contents()
    assert all(before.values()), "every table has rows"
    for name in SYNCS:
        result, run = await here.run(name)
        assert (result.summary, run.changes) == ("nothing to do", [])
    assert await here.contents() == before


async def test_everything_is_as_it_is_outside(here: Town) -> None:
    for name in SYNCS:
        await here.run(name)
    for plex in here.outside.plex:
        server = await here.server(plex.machine.server.name)
        assert (server.identifier, server.version) == (plex.machine.identifier, plex.machine.server.version)
        libraries = {library.outside_id: library for library in await here.directory.libraries(server.id)}
        assert {key: (found.title, found.item_count) for key, found in libraries.items()} == {
            str(key): (library.title, library.items[library.kind]) for key, library in plex.machine.libraries.items()
        }
        accounts = {account.outside_id: account for account in await here.directory.accounts(server.id, limit=1000)}
        assert accounts[str(plex.machine.server.owner)].role == "owner"
        for share in plex.state.shares_of([plex.machine]):
            account = accounts[str(share.person)]
            pending = share.accepted_at is None
            friend = (plex.machine.server.owner, share.person) in plex.state.friendships
            assert account.state == ("active" if friend else "pending")
            seen = set(await here.directory.access(account.id))
            assert seen == {found.id for key, found in libraries.items() if share.covers(int(key)) and not pending}


async def test_jellyfin_users_see_what_their_policy_says(here: Town) -> None:
    await here.run("sync_jellyfin")
    state = here.outside.jellyfin[0].state
    server = await here.server(state.server.name)
    libraries = {library.outside_id: library.id for library in await here.directory.libraries(server.id)}
    accounts = await here.directory.accounts(server.id, limit=1000)
    assert len(accounts) == len(state.users)
    for account in accounts:
        user = state.users[account.outside_id]
        assert account.role == ("admin" if user.is_administrator else "user")
        assert account.state == ("disabled" if user.is_disabled else "active")
        assert account.last_active_at == user.last_activity
        seen = set(await here.directory.access(account.id))
        assert seen == {libraries[key] for key, library in state.libraries.items() if user.sees(library)}


async def test_a_plex_tv_user_on_two_servers_is_one_person(here: Town) -> None:
    await here.run("sync_plex")
    pairs = await here.pool.fetch("SELECT outside_id, person_id FROM account")
    people = {row["outside_id"]: row["person_id"] for row in pairs}
    assert all(people[row["outside_id"]] == row["person_id"] for row in pairs)
    assert len(pairs) > len(people) == await here.pool.fetchval("SELECT count(*) FROM person")


async def test_people_of_one_name_are_never_joined(postgres: str, folder: Path) -> None:
    household = make_household(people=10)
    twins = tuple(structs.replace(person, title="Kim Lee") for person in household.people)
    async with town(postgres, folder, household=structs.replace(household, people=twins)) as here:
        for name in SYNCS:
            await here.run(name)
        plex = await here.pool.fetchval(
            "SELECT count(DISTINCT outside_id) FROM account JOIN server ON server.id = server_id WHERE kind = 'plex'"
        )
        jellyfin = len(here.outside.jellyfin[0].state.users)
        assert await here.pool.fetchval("SELECT count(*) FROM person") == plex + jellyfin


async def test_libraries_of_one_title_stay_apart(here: Town) -> None:
    machine = here.outside.plex[0].machine
    for key, library in machine.libraries.items():
        machine.libraries[key] = structs.replace(library, title="Movies")
    await here.run("sync_plex")
    server = await here.server(machine.server.name)
    assert len(await here.directory.libraries(server.id)) == len(machine.libraries) > 1
    result, _ = await here.run("sync_plex")
    assert result.summary == "nothing to do"


async def test_a_library_that_was_renamed_is_the_same_library(here: Town) -> None:
    await here.run("sync_plex")
    machine = here.outside.plex[0].machine
    server = await here.server(machine.server.name)
    before = {library.outside_id: library.id for library in await here.directory.libraries(server.id)}
    machine.libraries[1] = structs.replace(machine.libraries[1], title="Moving pictures")
    result, run = await here.run("sync_plex")
    assert result.summary == "2 servers: 1 library renamed"
    (change,) = run.changes
    assert (change.action, change.after) == ("library renamed", "Moving pictures")
    after = await here.directory.libraries(server.id)
    assert {library.outside_id: library.id for library in after} == before
    assert "Moving pictures" in {library.title for library in after}


async def test_a_library_that_is_gone_is_marked_and_may_return(here: Town) -> None:
    await here.run("sync_jellyfin")
    state = here.outside.jellyfin[0].state
    gone_id, gone = state.libraries.popitem()
    result, _ = await here.run("sync_jellyfin")
    assert "1 library removed" in result.summary
    row = await here.pool.fetchrow("SELECT id, removed_at FROM library WHERE outside_id = $1", gone_id)
    assert row is not None and row["removed_at"] is not None
    state.libraries[gone_id] = gone
    result, _ = await here.run("sync_jellyfin")
    assert "1 library returned" in result.summary
    again = await here.pool.fetchrow("SELECT id, removed_at FROM library WHERE outside_id = $1", gone_id)
    assert again is not None and (again["id"], again["removed_at"]) == (row["id"], None)


async def test_an_account_that_is_gone_is_marked_and_keeps_its_person(here: Town) -> None:
    for name in SYNCS:
        await here.run(name)
    jellyfin = here.outside.jellyfin[0].state
    user = next(user for user in jellyfin.users.values() if not user.is_administrator)
    jellyfin.remove_user(user)
    result, _ = await here.run("sync_jellyfin")
    assert "1 account removed" in result.summary
    row = await here.pool.fetchrow("SELECT state, removed_at, person_id FROM account WHERE outside_id = $1", user.id)
    assert row is not None and row["state"] == "removed" and row["removed_at"] is not None
    assert await here.pool.fetchval("SELECT count(*) FROM person WHERE id = $1", row["person_id"]) == 1
    jellyfin.users[user.id] = user
    result, _ = await here.run("sync_jellyfin")
    assert "1 account returned" in result.summary
    again = await here.pool.fetchrow("SELECT state, person_id FROM account WHERE outside_id = $1", user.id)
    assert again is not None and (again["state"], again["person_id"]) == ("active", row["person_id"])


async def test_a_stranger_who_accepts_an_invitation_is_the_same_account_and_person(here: Town) -> None:
    await here.run("sync_plex")
    state, machine = here.outside.plex_state, here.outside.plex[0].machine
    share = state.offer(machine, state.add_stranger("new@example.net").id, {1})
    await here.run("sync_plex")
    query = "SELECT id, person_id, outside_id, state, share_id FROM account WHERE share_id = $1"
    before = await here.pool.fetchrow(query, str(share.id))
    assert before is not None and (before["outside_id"], before["state"]) == (f"invited-{share.id}", "pending")
    people = await here.pool.fetchval("SELECT count(*) FROM person")
    newcomer = state.sign_up(share.person, username="newcomer")
    state.accept(machine.server.owner, newcomer.id)
    result, run = await here.run("sync_plex")
    assert "removed" not in result.summary and "added" not in result.summary, run.changes
    after = await here.pool.fetchrow(query, str(share.id))
    assert after is not None and (after["outside_id"], after["state"]) == (str(newcomer.id), "active")
    assert (after["id"], after["person_id"]) == (before["id"], before["person_id"])
    assert await here.pool.fetchval("SELECT count(*) FROM person") == people
    assert len(await here.directory.access(after["id"])) == 1
    assert (await here.run("sync_plex"))[0].summary == "nothing to do"


async def test_somebody_who_is_wanted_is_no_part_of_a_sync_until_they_are_invited(here: Town) -> None:
    await here.run("sync_plex")
    state, machine = here.outside.plex_state, here.outside.plex[0].machine
    server, person = await here.server(machine.server.name), uuid4()
    await here.pool.execute("INSERT INTO person (id, name, email) VALUES ($1, 'Nele', 'new@example.net')", person)
    wanted = await here.pool.fetchval(
        "INSERT INTO account (server_id, outside_id, person_id, username, title, email, role, state, all_libraries)"
        " VALUES ($1, 'wanted-1', $2, '', 'Nele', 'new@example.net', 'friend', 'wanted', false) RETURNING id",
        server.id,
        person,
    )
    assert (await here.run("sync_plex"))[0].summary == "nothing to do"
    people = await here.pool.fetchval("SELECT count(*) FROM person")
    share = state.offer(machine, state.add_stranger("new@example.net").id, {1})
    await here.run("sync_plex")
    row = await here.pool.fetchrow("SELECT outside_id, person_id, state FROM account WHERE id = $1", wanted)
    assert row is not None and tuple(row) == (f"invited-{share.id}", person, "pending")
    assert await here.pool.fetchval("SELECT count(*) FROM person") == people


async def test_a_dry_run_shows_the_differences_and_writes_nothing(here: Town) -> None:
    before = await here.contents()
    for name in SYNCS:
        result, run = await here.run(name, dry_run=True)
        assert "added" in result.summary
        assert run.changes and not run.states
    assert await here.contents() == before


async def test_without_a_server_there_is_nothing_to_sync(here: Town) -> None:
    for server in await here.directory.servers():
        await here.directory.remove_server(server.id)
    for name in SYNCS:
        result, _ = await here.run(name)
        assert result.outcome == "skipped"
        assert "is set up" in result.summary
