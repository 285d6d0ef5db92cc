"""What contradicts itself in the database is found, mended where that is safe, and not found a second time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workers.door import Result
from services.workers.maintenance.consistency import CheckConsistency
from shared.contracts.ids import new_run
from shared.directory.consistency import MENDABLE, Consistency
from shared.directory.oddityrecords import OddityKind
from tests.support.household import Household, open_household
from tests.support.recorded import RecordedRun

ADD_RUN = """
    INSERT INTO jobs.run (id, job, category, rank, state, trigger, outcome)
    VALUES ($1, 'apply', 'access', 1, $2, 'slot', $3)
"""
ADD_LEDGER = """
    INSERT INTO ledger (key, run, job, number, kind, server_id, target, state, planned_at)
    VALUES ($1, $2, 'apply', 1, 'access', $3, 'Anna', $4, now() - interval '2 days')
"""
ADD_DELIVERY = """
    INSERT INTO delivery (id, key, kind, name, address, language, campaign_id, state, next_at, created_at, claimed_at)
    VALUES (gen_random_uuid(), $1, $2, 'Anna', 'anna@x', 'en', $3, $4, now(), now(), now() - $5::text::interval)
"""
ADD_CAMPAIGN = """
    INSERT INTO campaign (id, name, language, subject, text, html, audience, state, begun_at, scheduled_at, created_at,
                          created_by, changed_at, changed_by)
    SELECT $1, $2, 'en', '', '', '', '{}', $3, long_ago, long_ago, long_ago, '', long_ago, ''
    FROM (SELECT now() - interval '2 days') AS moment (long_ago)
"""


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    """Two servers with people on them, and nothing odd."""
    async with open_household(postgres, folder) as opened:
        await opened.server("attic", {"Anna": ["Movies", "Shows"], "Ben": ["Movies"]})
        await opened.server("cellar", {"Carl": ["Music"]}, kind="jellyfin")
        yield opened


async def check(home: Household, most: int = 1000, **more: Any) -> tuple[Result, RecordedRun]:
    run = RecordedRun("check_consistency", **more)
    return await CheckConsistency(Consistency(home.pool), most)(run), run


async def kinds(home: Household) -> list[OddityKind]:
    return [oddity.kind for oddity in await Consistency(home.pool).found(1000)]


async def account(home: Household, title: str) -> UUID:
    found: UUID = await home.pool.fetchval("SELECT id FROM account WHERE title = $1", title)
    return found


async def test_a_database_in_order_has_nothing_to_do(home: Household) -> None:
    result, run = await check(home)
    assert result.summary == "nothing to do" and run.changes == []


async def put_out_of_order(home: Household) -> None:
    """One oddity of each kind that can be mended; and beside some, what only looks like it."""
    pool = home.pool
    gone, carl = await account(home, "Anna"), await account(home, "Carl")
    await pool.execute("UPDATE account SET state = 'removed', removed_at = now() WHERE id = $1", gone)
    await pool.execute("INSERT INTO settled_access (account_id, libraries) VALUES ($1, '{1}')", gone)
    await pool.execute("INSERT INTO access_trouble VALUES ($1, 1, now(), now(), 'it says no')", gone)
    await pool.execute("INSERT INTO observed_access SELECT $1, id FROM library WHERE title = 'Shows'", carl)
    await pool.execute("UPDATE library SET removed_at = now() WHERE title = 'Music'")
    ended, under_way = new_run(), new_run()
    await pool.execute(ADD_RUN, ended, "finished", "failed")
    await pool.execute(ADD_RUN, under_way, "retrying", None)
    await pool.execute(ADD_LEDGER, "not begun", ended, None, "planned")
    await pool.execute(ADD_LEDGER, "without server", ended, uuid4(), "claimed")
    await pool.execute(ADD_LEDGER, "of a run that goes on", under_way, None, "planned")
    await pool.execute(ADD_LEDGER, "waits for approval", ended, None, "held")
    over, goes_on = uuid4(), uuid4()
    await pool.execute(ADD_CAMPAIGN, over, "over", "sending")
    await pool.execute(ADD_CAMPAIGN, goes_on, "goes on", "sending")
    await pool.execute(ADD_DELIVERY, "claimed", "notice", None, "claimed", "2 days")
    await pool.execute(ADD_DELIVERY, "sending", "campaign", goes_on, "sending", "2 days")
    await pool.execute(ADD_DELIVERY, "being sent", "campaign", goes_on, "sending", "1 minute")


async def test_what_can_be_mended_is_mended_once(home: Household) -> None:
    pool = home.pool
    await put_out_of_order(home)
    before = await kinds(home)
    assert set(before) == MENDABLE and len(before) == len(MENDABLE) + 1, "two messages are in dead hands"

    rehearsal, plan = await check(home, dry_run=True)
    assert rehearsal.summary == f"{len(before)} oddities would be mended" and not plan.states
    assert await kinds(home) == before

    result, run = await check(home)
    assert result.summary == f"{len(before)} oddities mended"
    assert set(run.states.values()) == {"done"} and len(run.states) == len(before)
    assert "Anna on attic: 2 libraries" in [change.target for change in run.changes]
    result, run = await check(home)
    assert result.summary == "nothing to do" and run.changes == []

    assert await pool.fetchval("SELECT count(*) FROM observed_access") == 1, "what Ben has is his"
    states = {row["key"]: row["state"] for row in await pool.fetch("SELECT key, state FROM ledger")}
    assert states == {
        "not begun": "skipped",
        "without server": "failed",
        "of a run that goes on": "planned",
        "waits for approval": "held",
    }
    states = {row["key"]: row["state"] for row in await pool.fetch("SELECT key, state FROM delivery")}
    assert states == {"claimed": "due", "sending": "uncertain", "being sent": "sending"}
    states = {row["name"]: row["state"] for row in await pool.fetch("SELECT name, state FROM campaign")}
    assert states == {"over": "sent", "goes on": "sending"}


async def test_what_a_person_has_to_decide_is_told_and_left_alone(home: Household) -> None:
    pool, long_ago = home.pool, "now() - interval '60 days'"
    anna, ben = await home.id("Anna"), await home.id("Ben")
    await pool.execute("UPDATE person SET state = 'removed' WHERE id = $1", anna)
    await pool.execute("INSERT INTO subscription (person_id, started_on) VALUES ($1, current_date)", anna)
    await pool.execute(f"INSERT INTO person (id, name, created_at) VALUES ($1, '', {long_ago})", uuid4())
    await pool.execute(f"UPDATE server SET last_seen_at = NULL, created_at = {long_ago} WHERE name = 'cellar'")
    await pool.execute(f"UPDATE library SET removed_at = {long_ago} WHERE title = 'Music'")
    await pool.execute("DELETE FROM observed_access USING library WHERE library.id = library_id AND title = 'Music'")
    plan = await pool.fetchval("INSERT INTO subscription_plan (name) VALUES ('Family') RETURNING id")
    await pool.execute("INSERT INTO plan_library SELECT $1, id FROM library WHERE title = 'Music'", plan)
    await pool.execute(
        "INSERT INTO access_rule (person_id, library_id, effect, origin) SELECT $1, id, 'allow', 'person' FROM library"
        " WHERE title = 'Music'",
        ben,
    )
    other = await home.server("loft", {"Ben": ["Old"]})
    await pool.execute("UPDATE account SET person_id = $1 WHERE server_id = $2", anna, other.id)
    run = new_run()
    await pool.execute(ADD_RUN, run, "finished", "failed")
    await pool.execute(ADD_LEDGER, "in the midst", run, other.id, "claimed")
    await pool.execute(ADD_CAMPAIGN, uuid4(), "late", "scheduled")

    found = await kinds(home)
    assert sorted(found) == sorted(
        (
            "change_left_open",
            "campaign_overdue",
            "server_never_seen",
            "person_without_name",
            "person_without_anything",
            "plex_user_of_several",
            "subscription_of_removed",
            "subscription_of_unmanaged",
            "plan_with_removed_library",
            "rule_for_removed_library",
        )
    )
    result, told = await check(home)
    assert result.summary == "10 oddities to be looked at"
    assert set(told.states.values()) == {"skipped"} and {change.action for change in told.changes} == {"look at it"}
    assert await kinds(home) == found


async def test_more_than_one_run_can_tell_is_left_to_the_next(home: Household) -> None:
    await put_out_of_order(home)
    result, _ = await check(home, most=3)
    assert result.summary == "3 oddities mended, there are more: the next run goes on"
    while "more" in (await check(home, most=3))[0].summary:
        pass
    assert (await check(home))[0].summary == "nothing to do"


async def test_what_was_mended_meanwhile_is_left_alone(home: Household) -> None:
    await put_out_of_order(home)
    consistency = Consistency(home.pool)
    found = await consistency.found(1000)
    assert [await consistency.mend(oddity) for oddity in found] == [True] * len(found)
    assert [await consistency.mend(oddity) for oddity in found] == [False] * len(found)
