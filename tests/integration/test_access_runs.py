"""A run that applies access when its worker dies, a server fails, or it is too much; and how it is undone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.workers.door import JobFailed
from shared.access.terms import AccessPolicy
from tests.simulators.faults import Faults
from tests.simulators.household import make_household
from tests.support.office import Office, office
from tests.support.recorded import RecordedRun

JOB = "apply_plex_access"
SHARES = "/api/servers/*/shared_servers"
POLICY = "/Users/*/Policy"


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Office]:
    async with office(postgres, folder) as opened:
        yield opened


async def all_lose(here: Office, server: str) -> int:
    """Let the access of everybody on a server end; how many they are."""
    guests = await here.guests(server)
    await here.subscribe(*guests, days_left=-1)
    await here.town.run("disable_expired_users")
    return len(guests)


async def test_a_run_that_is_killed_half_way_is_ended_by_its_next_attempt(postgres: str, folder: Path) -> None:
    household = make_household(people=460, plex_servers=1, libraries=6)
    async with office(postgres, folder, household=household) as here:
        count = await all_lose(here, here.jellyfin_name)
        assert count >= 200
        jellyfin = here.town.outside.jellyfin[0]
        # The hundredth change is made, but its answer never comes: nobody here knows of it.
        jellyfin.faults.truncate(POLICY, method="POST", after=99, times=1, kept=0.0)
        jellyfin.faults.hold("/Users/*", method="GET", after=count + 2 * 99 + 1)
        run = RecordedRun("apply_jellyfin_access")
        handler = asyncio.ensure_future(here.town.handler(run.job)(run))
        await jellyfin.requests.reach(100, "POST", POLICY)
        handler.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handler
        jellyfin.faults.clear()
        states = Counter(await here.states(run))
        assert states["claimed"] == 1 and states["planned"] >= 90
        again = RecordedRun(run.job, again=run)
        result = await here.town.handler(run.job)(again)
        assert (result.outcome, result.summary) == ("succeeded", f"{count} people changed")
        assert again.changes == run.changes
        assert set(again.states.values()) == {"done"} and len(again.states) == count
        changes = Counter(here.changes())
        assert set(changes.values()) == {1} and len(changes) == count
        result, _ = await here.town.run("apply_jellyfin_access")
        assert result.summary == "nothing to do"


FAULTS: dict[str, Callable[[Faults], object]] = {
    "500": lambda faults: faults.answer("/**", 500),
    "empty": lambda faults: faults.empty("/**"),
    "half": lambda faults: faults.half("/**"),
    "truncated": lambda faults: faults.truncate("/**"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_server_in_trouble_takes_access_from_nobody(here: Office, fault: Callable[[Faults], object]) -> None:
    guests = [*await here.guests(here.plex_name), *await here.guests(here.jellyfin_name)]
    await here.subscribe(*guests, days_left=90)
    await here.apply()
    before = here.on_plex(), here.on_jellyfin()
    server = await here.town.server(here.plex_name)
    library = (await here.town.directory.libraries(server.id))[0]
    for account in guests:
        await here.rule(account, library.id, "allow")
    for simulator in here.simulators:
        fault(simulator.faults)
    for name in ("sync_plex", "sync_jellyfin", JOB, "apply_jellyfin_access"):
        with_faults = RecordedRun(name)
        try:
            await here.town.handler(name)(with_faults)
        except JobFailed as failure:
            assert failure.message
    for simulator in here.simulators:
        simulator.faults.clear()
    assert (here.on_plex(), here.on_jellyfin()) == before
    await here.sync()
    await here.apply(now=True)
    for key, libraries in before[0].items():
        now = here.on_plex()[key]
        assert now is None or (libraries is not None and libraries <= now)
    assert here.on_jellyfin() == before[1]
    assert not await here.town.pool.fetchval("SELECT count(*) FROM access_rule WHERE effect = 'deny'")


async def test_one_server_that_fails_stops_no_other(postgres: str, folder: Path) -> None:
    household = make_household(people=40, plex_servers=2, libraries=9)
    async with office(postgres, folder, household=household) as here:
        names = [plex.machine.server.name for plex in here.town.outside.plex]
        for name in names:
            await here.subscribe(*await here.guests(name), days_left=-1)
        await here.town.run("disable_expired_users")
        await here.town.outside.plex[0].go_down()
        failure, run = await here.town.fail(JOB)
        assert failure.retry and names[0] in failure.message and "changed" in failure.message
        assert here.on_plex(0)
        assert not set(here.on_plex(1)) - {account.outside_id for account in await here.pending(names[1])}
        await here.town.outside.plex[0].come_up()
        again = RecordedRun(JOB, again=run)
        result = await here.town.handler(JOB)(again)
        assert result.outcome == "succeeded"
        assert not set(here.on_plex(0)) - {account.outside_id for account in await here.pending(names[0])}


@pytest.mark.parametrize(("status", "known"), [(400, True), (403, True), (500, False)])
async def test_an_account_that_fails_is_left_alone_for_a_while(here: Office, status: int, known: bool) -> None:
    first, second = (await here.guests(here.jellyfin_name))[:2]
    await here.subscribe(first, second, days_left=-1)
    await here.town.run("disable_expired_users")
    jellyfin = here.town.outside.jellyfin[0]
    jellyfin.faults.answer(f"/Users/{first.outside_id}/Policy", status, method="POST")
    failure, run = await here.town.fail("apply_jellyfin_access")
    assert not failure.retry
    assert sorted(await here.states(run)) == (["done", "failed"] if known else ["claimed", "done"])
    assert sorted(run.states.values()) == ["done", "failed"]
    assert f"{first.title} on {here.jellyfin_name}" in failure.message and "1 person changed" in failure.message
    jellyfin.faults.clear()
    result, later = await here.town.run("apply_jellyfin_access")
    assert "1 account left alone after a failure" in result.summary and first.title in result.summary
    assert later.changes == []
    result, _ = await here.town.run("apply_jellyfin_access", now=True)
    assert result.summary == "1 person changed"
    assert sorted(await here.states(run)) == ["done", "failed"]
    result, _ = await here.town.run("apply_jellyfin_access")
    assert result.summary == "nothing to do"


async def test_a_share_that_was_lost_while_it_was_made_anew_is_not_taken_for_a_change_by_hand(here: Office) -> None:
    account = next(found for found in await here.guests(here.plex_name) if found.all_libraries)
    library, *_ = await here.town.directory.access(account.id)
    await here.rule(account, library, "deny")
    _, run = await here.town.run(JOB)
    here.town.outside.plextv.faults.answer(SHARES, 400, method="POST")
    failure, _ = await here.town.fail(JOB, undoes=run.id)
    assert account.title in failure.message
    assert account.outside_id not in here.on_plex()
    here.town.outside.plextv.faults.clear()
    result, again = await here.town.run(JOB, now=True)
    assert result.summary == "1 person changed"
    assert {change.action for change in again.changes} == {"access given"}
    machine = here.town.outside.plex[0].machine
    assert here.on_plex()[account.outside_id] in (None, frozenset(machine.libraries))


async def test_what_a_dead_run_left_in_the_middle_is_looked_at_anew(here: Office) -> None:
    (account, *_) = await here.guests(here.jellyfin_name)
    await here.subscribe(account, days_left=90)
    await here.apply()
    await here.suspend(account)
    jellyfin = here.town.outside.jellyfin[0]
    jellyfin.faults.truncate(POLICY, method="POST", times=1, kept=0.0)
    jellyfin.faults.hold("/Users/*", method="GET", after=2)
    run = RecordedRun("apply_jellyfin_access")
    handler = asyncio.ensure_future(here.town.handler(run.job)(run))
    await jellyfin.requests.reach(1, "POST", POLICY)
    handler.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handler
    jellyfin.faults.clear()
    await here.suspend(account, again=False)
    result, _ = await here.town.run("apply_jellyfin_access")
    assert result.summary == "1 person changed"
    assert await here.states(run) == ["failed"]
    assert [what for what, _ in here.changes()] == ["policy.replaced"] * 2
    assert {effect for effect, _ in (await here.rules(account)).values()} == {"allow"}


@pytest.fixture
async def strict(postgres: str, folder: Path) -> AsyncIterator[Office]:
    async with office(postgres, folder, policy=AccessPolicy()) as opened:
        yield opened


async def lock_out_a_third(here: Office) -> list[str]:
    """Suspend every third person on Plex; their numbers there."""
    guests = (await here.guests(here.plex_name))[::3]
    for account in guests:
        await here.suspend(account)
    return [account.outside_id for account in guests]


async def test_what_is_too_much_waits_for_approval(strict: Office) -> None:
    here = strict
    before = here.on_plex()
    losers = await lock_out_a_third(here)
    gives = next(a for a in await here.guests(here.plex_name) if not a.all_libraries and a.outside_id not in losers)
    server = await here.town.server(here.plex_name)
    has = await here.town.directory.access(gives.id)
    new = next(found.id for found in await here.town.directory.libraries(server.id) if found.id not in has)
    await here.rule(gives, new, "allow")
    result, run = await here.town.run(JOB)
    assert result.outcome == "held"
    assert f"access of {len(losers)} people" in result.summary and "waits for approval" in result.summary
    names = [change.target for change in run.changes if "waits for approval" in change.why]
    assert len(names) == len(losers) and names[0] in result.summary
    assert here.changes() == [("share.updated", gives.outside_id)]
    second, run2 = await here.town.run(JOB)
    assert second.outcome == "succeeded" and f"(run {run.id})" in second.summary
    assert run2.changes == []
    third, _ = await here.town.run(JOB, approves=run.id)
    assert (third.outcome, third.summary) == ("succeeded", f"{len(losers)} people changed")
    assert not here.on_plex().keys() & set(losers)
    assert {key: value for key, value in before.items() if key not in {*losers, gives.outside_id}} == {
        key: value for key, value in here.on_plex().items() if key != gives.outside_id
    }
    assert set(await here.states(run)) == {"done", "skipped"}
    last, _ = await here.town.run(JOB)
    assert last.summary == "nothing to do"


async def test_what_is_not_called_for_any_more_waits_no_longer(strict: Office) -> None:
    here = strict
    guests = (await here.guests(here.plex_name))[::3]
    for account in guests:
        await here.suspend(account)
    result, run = await here.town.run(JOB)
    assert result.outcome == "held"
    for account in guests:
        await here.suspend(account, again=False)
    result, _ = await here.town.run(JOB)
    assert result.summary == "nothing to do"
    assert set(await here.states(run)) == {"skipped"}
    result, _ = await here.town.run(JOB, approves=run.id)
    assert result.summary == "nothing to do"
    assert here.changes() == []


async def test_an_approval_is_for_what_was_held_and_no_more(strict: Office) -> None:
    here = strict
    guests = await here.guests(here.plex_name)
    for account in guests[::3]:
        await here.suspend(account)
    _, run = await here.town.run(JOB)
    for account in guests[1::3]:
        await here.suspend(account)
    result, more = await here.town.run(JOB, approves=run.id)
    assert result.outcome == "held"
    gone = {account.outside_id for account in guests[::3]}
    assert not here.on_plex().keys() & gone
    assert {account.outside_id for account in guests[1::3]} <= here.on_plex().keys()
    assert {subject for _, subject in here.changes()} == gone
    result, _ = await here.town.run(JOB, approves=more.id)
    assert result.outcome == "succeeded"


async def test_undo_gives_back_and_lasts(here: Office) -> None:
    before = here.on_plex()
    count = await all_lose(here, here.plex_name)
    _, run = await here.town.run(JOB)
    result, undo = await here.town.run(JOB, undoes=run.id)
    assert result.summary == f"{count} people changed"
    assert {change.action for change in undo.changes} == {"access given"}
    assert here.on_plex() == before
    for _ in range(2):
        result, _ = await here.town.run(JOB)
        assert result.summary == "nothing to do"
        await here.sync()
    assert here.on_plex() == before
    rows = await here.tools.ledger.of_run(run.id)
    assert {row.undone_by for row in rows} == {undo.id}
    result, _ = await here.town.run(JOB, undoes=run.id)
    assert result.summary.startswith("nothing to undo")


async def test_an_undo_can_be_undone(here: Office) -> None:
    count = await all_lose(here, here.plex_name)
    _, run = await here.town.run(JOB)
    gone = here.on_plex()
    _, undo = await here.town.run(JOB, undoes=run.id)
    result, _ = await here.town.run(JOB, undoes=undo.id)
    assert result.summary == f"{count} people changed"
    assert here.on_plex() == gone
    result, _ = await here.town.run(JOB)
    assert result.summary == "nothing to do"


async def test_undo_leaves_what_was_changed_since(here: Office) -> None:
    await all_lose(here, here.jellyfin_name)
    _, run = await here.town.run("apply_jellyfin_access")
    account = (await here.tools.ledger.of_run(run.id))[0]
    state = here.town.outside.jellyfin[0].state
    holding = (await here.tools.books.serving_of(account.account_id)).holdings[0]  # type: ignore[arg-type]
    state.users[holding.outside_id].policy["EnabledFolders"] = [next(iter(state.libraries))]
    result, undo = await here.town.run("apply_jellyfin_access", undoes=run.id)
    assert "1 skipped" in result.summary and "changed meanwhile on the server" in result.summary
    assert here.on_jellyfin()[holding.outside_id]["EnabledFolders"] == [next(iter(state.libraries))]
    assert Counter(undo.states.values())["skipped"] == 1


async def test_a_kept_exception_can_be_undone(here: Office) -> None:
    (account, *_) = await here.guests(here.jellyfin_name)
    await here.subscribe(account, days_left=90)
    await here.apply()
    before = here.on_jellyfin()
    state = here.town.outside.jellyfin[0].state
    state.users[account.outside_id].policy.update(EnableAllFolders=False, EnabledFolders=[])
    await here.sync()
    _, run = await here.town.run("apply_jellyfin_access")
    assert {change.action for change in run.changes} == {"exception kept"}
    await here.town.run("apply_jellyfin_access", undoes=run.id)
    await here.town.run("apply_jellyfin_access")
    sees = [state.users[account.outside_id].sees(library) for library in state.libraries.values()]
    folders = before[account.outside_id]
    assert sees == [folders["EnableAllFolders"] or key in folders["EnabledFolders"] for key in state.libraries]
