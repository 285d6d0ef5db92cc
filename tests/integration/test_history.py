"""What has had its time goes, a little at a time; what is still needed stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.workers.door import JobFailed, Result
from services.workers.maintenance.history import CleanUpHistory
from shared.contracts.ids import slot_run
from shared.directory.directory import SCHEMA
from shared.directory.preferences import Preferences
from shared.history.history import History
from shared.history.policy import KINDS, HistoryPolicy
from shared.history.runs import NEWEST
from shared.runtime.database import open_pool
from tests.support.handlers import every, idle
from tests.support.pipeline import Pipeline
from tests.support.recorded import RecordedRun

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)
EVERY = HistoryPolicy(**dict.fromkeys(KINDS, 100))
MOST = 7
"""Rows a statement: little, so that many statements are needed."""

ADD_RUN = """
    INSERT INTO jobs.run (id, job, category, rank, state, trigger, fired_at, finished_at, outcome, number, dry_run,
                          params)
    VALUES ($1, $2, 'test', 1, $3, $4, $5, $5, $6, $7, $8, $9)
"""
DETAILS = """
    INSERT INTO jobs.log SELECT id, 1, n, now(), 'info', 'line' FROM jobs.run, generate_series(1, 20) AS n;
    INSERT INTO jobs.change (run, number, action, target, why)
        SELECT id, n, 'add', 'Kim', '' FROM jobs.run, generate_series(1, 3) AS n;
    INSERT INTO jobs.attempt SELECT id, 1, 'w', now(), now(), '{}' FROM jobs.run;
"""


@pytest.fixture
async def pool(postgres: str) -> AsyncIterator[asyncpg.Pool]:
    async with open_pool(postgres, schema=SCHEMA) as opened:
        yield opened


async def clean_up(pool: asyncpg.Pool, policy: HistoryPolicy = EVERY, **more: Any) -> tuple[Result, RecordedRun]:
    preferences = Preferences(pool)
    await preferences.set_history(policy, "ada")
    run = RecordedRun("cleanup_history", **more)
    return await CleanUpHistory(History(pool, MOST), preferences)(run), run


async def add_run(pool: asyncpg.Pool, job: str, at: datetime, number: int, **more: Any) -> UUID:
    """A run that has succeeded, unless `more` says otherwise."""
    row = {"state": "finished", "trigger": "slot", "outcome": "succeeded", "dry_run": False, "params": {}} | more
    run = slot_run(job, int(at.timestamp() * 1000))
    await pool.execute(
        ADD_RUN, run, job, row["state"], row["trigger"], at, row["outcome"], number, row["dry_run"], row["params"]
    )
    return run


async def add_runs(pool: asyncpg.Pool, job: str, count: int, since: datetime = OLD) -> list[UUID]:
    return [await add_run(pool, job, since + timedelta(minutes=number), number) for number in range(1, count + 1)]


async def ids(pool: asyncpg.Pool, table: str, column: str = "id") -> set[Any]:
    return {row[column] for row in await pool.fetch(f"SELECT {column} FROM {table}")}


async def test_old_runs_go_with_all_that_hangs_on_them_and_the_newest_stay(pool: asyncpg.Pool) -> None:
    old = await add_runs(pool, "often", NEWEST + 20)
    few = await add_runs(pool, "rarely", 2)
    new = await add_runs(pool, "often_of_late", NEWEST + 5, NOW - timedelta(days=50))
    await pool.execute(DETAILS)
    result, run = await clean_up(pool, HistoryPolicy(runs=100, logs=0))
    assert result.summary == "20 runs deleted"
    assert [(change.action, change.target, change.why) for change in run.changes] == [
        ("delete", "20 runs", "older than 100 days")
    ]
    stay = {*old[20:], *few, *new}
    assert await ids(pool, "jobs.run") == stay
    for table in ("jobs.log", "jobs.change", "jobs.attempt"):
        assert await ids(pool, table, "run") == stay
    assert await pool.fetchval("SELECT max(number) FROM jobs.run WHERE job = 'often'") == NEWEST + 20
    shares = [share or 0 for share in run.shares]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert (await clean_up(pool, HistoryPolicy(runs=100, logs=0)))[0].summary == "nothing to do"


async def test_who_dies_in_between_leaves_nothing_without_its_run(pool: asyncpg.Pool) -> None:
    await add_runs(pool, "often", NEWEST + 20)
    await pool.execute(DETAILS)
    for steps in (3, 25, 20):
        async with aclosing(History(pool, MOST).delete("runs", NOW)) as deleting:
            for _ in range(steps):
                await anext(deleting)
        for table in ("jobs.log", "jobs.change", "jobs.attempt"):
            assert await ids(pool, table, "run") <= await ids(pool, "jobs.run")
    left = await pool.fetchval("SELECT count(*) FROM jobs.run")
    assert NEWEST < left < NEWEST + 20, "some are gone, and some are left"
    assert (await clean_up(pool, HistoryPolicy(runs=100, logs=0)))[0].summary == f"{left - NEWEST} runs deleted"
    assert await pool.fetchval("SELECT count(DISTINCT run) FROM jobs.log") == NEWEST


async def test_what_is_not_over_stays(pool: asyncpg.Pool) -> None:
    day = timedelta(days=1)
    held: dict[str, Any] = {"outcome": "held"}
    queued = await add_run(pool, "job", OLD, 0, state="queued", outcome=None)
    unread = await add_run(pool, "job", OLD + day, 1, trigger=None)
    waits = await add_run(pool, "job", OLD + 2 * day, 2, **held)
    by_ledger = await add_run(pool, "job", OLD + 3 * day, 3, **held)
    settled = await add_run(pool, "job", OLD + 4 * day, 4, **held)
    approved = await add_run(pool, "job", OLD + 5 * day, 5, **held)
    rehearsed = await add_run(pool, "job", OLD + 6 * day, 6, dry_run=True, **held)
    told = await add_run(pool, "job", OLD + 7 * day, 7)
    last = await add_run(pool, "job", OLD + 8 * day, 1000)
    approving = await add_run(pool, "other", NOW, 1, params={"approves": str(approved)})
    newest = await add_runs(pool, "job", NEWEST, OLD + 9 * day)
    for run, state in ((by_ledger, "held"), (settled, "skipped")):
        await pool.execute(
            "INSERT INTO ledger (key, run, job, number, kind, target, state) VALUES ($1, $2, 'job', 1, 'x', 'y', $3)",
            f"{run}/1", run, state,
        )  # fmt: skip
    hook = uuid4()
    await pool.execute(
        "INSERT INTO jobs.hook_out VALUES ($1, 'hook', 'http://x', '{}', '{}', '{}', true, '', now())", hook
    )
    await pool.execute(
        "INSERT INTO jobs.hook_delivery (id, hook, run, job, event, created_at, next_at)"
        " VALUES ($1, $2, $3, 'job', 'finished', $4, $4)",
        uuid4(), hook, told, OLD,
    )  # fmt: skip
    assert (await clean_up(pool, HistoryPolicy(runs=100)))[0].summary == "3 runs deleted"
    gone = {settled, approved, rehearsed}
    assert await ids(pool, "jobs.run") == {queued, unread, waits, by_ledger, told, last, approving, *newest}
    assert not gone & await ids(pool, "jobs.run")


async def test_logs_may_go_before_their_runs_but_not_of_what_is_under_way(pool: asyncpg.Pool) -> None:
    ended = await add_runs(pool, "job", 3)
    running = await add_run(pool, "other", OLD, 0, state="running", outcome=None)
    await pool.execute(DETAILS)
    result, _ = await clean_up(pool, HistoryPolicy(logs=30, runs=0))
    assert result.summary == "60 log lines deleted"
    assert await ids(pool, "jobs.log", "run") == {running}
    assert await ids(pool, "jobs.change", "run") == {running, *ended}


async def seed(pool: asyncpg.Pool) -> None:
    """Of each kind that goes row by row: old and not needed (20), old and needed (1), new (1)."""
    await pool.execute(
        """
        INSERT INTO jobs.skipped SELECT 'job', at, at, 1, 'paused', at
            FROM (SELECT $1::timestamptz + n * interval '1 second' FROM generate_series(1, 20) n
                  UNION ALL SELECT now()) AS moments (at)
        """,
        OLD,
    )
    await pool.execute(
        """
        INSERT INTO jobs.audit (at, who, address, action, target)
            SELECT at, 'kim', '', 'a', 'b' FROM (
                SELECT $1::timestamptz FROM generate_series(1, 20) UNION ALL SELECT now()) AS moments (at)
        """,
        OLD,
    )
    hook = uuid4()
    await pool.execute(
        "INSERT INTO jobs.hook_out VALUES ($1, 'hook', 'http://x', '{}', '{}', '{}', true, '', now())", hook
    )
    await pool.execute(
        """
        INSERT INTO jobs.hook_delivery (id, hook, run, job, event, state, created_at, next_at, closed_at)
            SELECT gen_random_uuid(), $2, gen_random_uuid(), 'job', 'finished', state, $1, $1,
                   CASE state WHEN 'sent' THEN $1::timestamptz END
            FROM (SELECT 'sent' FROM generate_series(1, 20) UNION ALL SELECT 'due') AS states (state)
        """,
        OLD, hook,
    )  # fmt: skip
    await pool.execute(
        """
        INSERT INTO alert (id, key, kind, job, title, reason, at)
            SELECT gen_random_uuid(), 'failed/' || n, 'failed', 'job', 'Job', 'why', $1 FROM generate_series(1, 22) n
        """,
        OLD,
    )
    await pool.execute(
        "INSERT INTO alert_told VALUES ('job', 'failed/21', 'failed', gen_random_uuid(), $1, $1, false)", OLD
    )
    await pool.execute("INSERT INTO alert_channel VALUES ('mail', '', 'mailto', '{}', true, now(), 'kim')")
    await pool.execute(
        "INSERT INTO alert_sending (alert_id, channel, next_at)"
        " SELECT id, 'mail', now() FROM alert WHERE key = 'failed/22'"
    )
    server = uuid4()
    await pool.execute(
        "INSERT INTO server (id, kind, name, url, token) VALUES ($1, 'plex', 'attic', 'http://x', '')", server
    )
    await pool.execute(
        """
        INSERT INTO server_spell (server_id, state, since, until)
            SELECT $2::uuid, 'up', $1::timestamptz, $1 FROM generate_series(1, 20) UNION ALL SELECT $2, 'down', $1, NULL
        """,
        OLD, server,
    )  # fmt: skip


async def test_every_kind_goes_in_small_steps_and_what_is_needed_stays(pool: asyncpg.Pool) -> None:
    await seed(pool)
    rehearsal, plan = await clean_up(pool, dry_run=True)
    expected = (
        "20 accounts of slots, 20 deliveries to hooks, 20 lines of the audit trail, 20 alerts, 20 states of servers"
    )
    assert rehearsal.summary == f"would delete {expected}"
    assert not plan.states and len(plan.changes) == 5
    result, run = await clean_up(pool)
    assert result.summary == f"{expected} deleted"
    assert set(run.states.values()) == {"done"} and run.shares[-1] == 1.0
    assert len(run.shares) == 5 * 3, "20 rows take three statements of at most 7"
    assert await pool.fetchval("SELECT array_agg(state) FROM jobs.hook_delivery") == ["due"]
    assert await ids(pool, "alert", "key") == {"failed/21", "failed/22"}
    assert await ids(pool, "server_spell", "state") == {"down"}
    assert await pool.fetchval("SELECT count(*) FROM jobs.audit") == 1
    assert await pool.fetchval("SELECT count(*) FROM jobs.skipped") == 1
    assert (await clean_up(pool))[0].summary == "nothing to do"


async def test_nothing_goes_that_is_kept_for_ever(pool: asyncpg.Pool) -> None:
    await seed(pool)
    result, run = await clean_up(pool, HistoryPolicy(**dict.fromkeys(KINDS, 0)))
    assert result.summary == "nothing to do" and not run.changes


async def test_mail_that_decides_what_is_sent_is_kept(pool: asyncpg.Pool) -> None:
    person, over, under_way = uuid4(), uuid4(), uuid4()
    await pool.execute("INSERT INTO person (id, name) VALUES ($1, 'Kim')", person)
    for campaign, state, ended in ((over, "sent", OLD), (under_way, "paused", None)):
        await pool.execute(
            "INSERT INTO campaign (id, name, language, subject, text, html, audience, state, ended_at, created_at,"
            " created_by, changed_at, changed_by) VALUES ($1, 'c', 'en', '', '', '', '{}', $2, $3, $4, '', $4, '')",
            campaign, state, ended, OLD,
        )  # fmt: skip
    rows: list[tuple[str, str, str | None, UUID | None, UUID | None, str, datetime]] = [
        ("gone", "notice", "before_expiry", person, None, "sent", OLD),
        ("gone too", "campaign", None, person, over, "refused", OLD),
        ("gone with its person", "notice", "welcome", None, None, "sent", OLD),
        ("welcome once in a life", "notice", "welcome", person, None, "sent", OLD),
        ("of a campaign under way", "campaign", None, person, under_way, "sent", OLD),
        ("waits", "notice", "before_expiry", person, None, "deferred", OLD),
        ("in hand", "notice", "before_expiry", person, None, "sending", OLD),
        ("new", "notice", "before_expiry", person, None, "sent", NOW),
    ]
    for key, kind, event, whom, campaign_id, state, at in rows:
        await pool.execute(
            "INSERT INTO delivery (id, key, kind, event, person_id, name, address, language, campaign_id, state,"
            " next_at, created_at, closed_at)"
            " VALUES (gen_random_uuid(), $1, $2, $3, $4, 'Kim', 'kim@x', 'en', $5, $6, $7, $7, $7)",
            key, kind, event, whom, campaign_id, state, at,
        )  # fmt: skip
    result, _ = await clean_up(pool, HistoryPolicy(deliveries=60))
    assert result.summary == "3 mail deliveries deleted"
    assert await ids(pool, "delivery", "key") == {row[0] for row in rows[3:]}


async def test_events_by_which_mail_tells_a_change_from_a_beginning_are_kept(pool: asyncpg.Pool) -> None:
    person = uuid4()
    await pool.execute("INSERT INTO person (id, name) VALUES ($1, 'Kim')", person)
    for kind in ("added", "edited", "subscribed", "renewed", "ended", "subscribed", "rule", "ended", "state"):
        await pool.execute(
            "INSERT INTO person_event (person_id, at, who, kind) VALUES ($1, $2, 'ada', $3)", person, OLD, kind
        )
    result, _ = await clean_up(pool, HistoryPolicy(events=30))
    assert result.summary == "7 events of people deleted"
    kept = [row["kind"] for row in await pool.fetch("SELECT kind FROM person_event ORDER BY id")]
    assert kept == ["subscribed", "ended"]


async def test_a_projector_counts_on_while_old_runs_go(line: Pipeline) -> None:
    old = await add_runs(line.pool, "quick", 300)
    await line.pool.execute(DETAILS)
    await line.all(idle("quick", every(50)))
    history, before = History(line.pool, MOST), NOW - timedelta(days=100)
    deleted = sum([count async for count in history.delete("runs", before)])
    await line.all_ended("quick", 2 * NEWEST)  # of which the old ones are half at most
    deleted += sum([count async for count in history.delete("runs", before)])
    assert deleted == len(old)
    await line.projected()
    rows = [row for row in await line.rows("quick") if row["state"] == "finished"]
    assert not {row["id"] for row in rows} & set(old)
    numbers = sorted(row["number"] for row in rows)
    assert numbers == list(range(len(old) + 1, len(old) + 1 + len(rows))), "no number twice, and none left out"


async def test_without_the_gateways_tables_it_says_what_to_do(pool: asyncpg.Pool) -> None:
    await pool.execute("DROP SCHEMA jobs CASCADE")
    with pytest.raises(JobFailed, match="the gateway makes these tables"):
        await clean_up(pool)


async def test_a_role_that_may_not_is_told_what_it_lacks(pool: asyncpg.Pool) -> None:
    await add_runs(pool, "often", NEWEST + 2)
    await pool.execute("REVOKE DELETE ON jobs.run FROM CURRENT_USER")
    with pytest.raises(JobFailed, match="SELECT and DELETE"):
        await clean_up(pool)
