"""From the streams to rows: once, whatever comes late, twice, again, or from two gateways at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts import subjects
from shared.contracts.controls import Control
from shared.contracts.ids import new_run
from shared.contracts.reports import Change, Failure, Logged, Progressed, Retrying, Started
from shared.contracts.ticks import Tick
from shared.messaging import Retention, append_plain, declare
from shared.runtime.clock import utc_now
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_rows
from tests.support.handlers import Held, every, idle, spec
from tests.support.pipeline import Pipeline, finished, runs_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.official


async def eventful(run: RunContext) -> Result:
    run.log(f"attempt {run.attempt}")
    run.plan([Change(number=1, action="add", target="Kim")])
    if run.attempt == 1:
        raise JobFailed("not_yet", "Not yet.")
    run.progress(0.5)
    run.applied(1)
    return succeeded("one added")


EVENTFUL = Job(spec("eventful", attempts=2, backoff_s=0.05), eventful)
QUICK = idle("quick", every(100))


async def some_life(line: Pipeline) -> None:
    """Runs by slot and by hand, retries, skipped slots; and then silence."""
    scheduler = await line.scheduler()
    held = Held()
    worker = await line.worker(EVENTFUL, QUICK, Job(spec("slow", every(100)), held))
    for name in ("eventful", "quick", "slow"):
        await line.known(name)
    for _ in range(3):
        await line.ended(await line.run("eventful"))
    await line.all_ended("quick", 5)
    held.let_go()
    await line.all_ended("slow", 2)
    await line.stop(scheduler)

    async def at_rest() -> bool:
        return not await line.pool.fetchval("SELECT count(*) FROM run WHERE state <> 'finished'")

    await line.projected()
    await wait_until(at_rest, what="all runs to end")
    await line.stop(worker)
    await line.projected()


async def test_read_from_the_beginning_the_streams_give_the_same_rows(line: Pipeline) -> None:
    projector = await line.projector()
    await some_life(line)
    await line.stop(projector)
    before = await line.contents()
    assert all(before[table] for table in ("run", "attempt", "log", "change", "skipped"))
    await line.pool.execute("DELETE FROM position")
    projector = await line.projector()
    await line.projected()
    assert await line.contents() == before
    await line.stop(projector)
    for table in ("position", *before):
        await line.pool.execute(f"DELETE FROM {table}")
    await line.projector()
    await line.projected()
    assert await line.contents() == before


async def test_numbers_go_on_without_a_gap_after_a_replay(line: Pipeline) -> None:
    tidy = idle("tidy")
    await line.scheduler()
    await line.worker(tidy)
    projector = await line.projector()
    await line.known("tidy")
    runs = [(await line.ended(await line.run("tidy")))["id"] for _ in range(3)]
    await line.stop(projector)
    await line.pool.execute("DELETE FROM position")
    await line.projector()
    row = await line.ended(await line.run("tidy"))
    assert row["number"] == 4
    assert [found["number"] for found in await line.rows("tidy")] == [1, 2, 3, 4]
    assert [found["id"] for found in await line.rows("tidy")][:3] == runs


async def test_late_and_doubled_reports_change_nothing(line: Pipeline) -> None:
    await line.projector()
    run, at = new_run(), utc_now()
    said: dict[str, Any] = {"run": run, "job": "tidy", "at": at}
    started = Started(**said, attempt=1)
    end = finished(run, "tidy", at)
    await line.write_reports(started, started)
    await line.write_reports(end)
    row = await line.ended(run)
    async with line.feed() as feed:
        await line.write_reports(end, end)
        await line.write_reports(started, Progressed(**said, attempt=1, share=0.5), Started(**said, attempt=2))
        await line.write_reports(finished(run, "tidy", at + timedelta(hours=1), outcome="failed", attempt=2))
        await line.projected()
    assert await line.row(run) == row
    assert (row["outcome"], row["number"]) == ("succeeded", 1)
    assert runs_of(feed, run) == []


async def test_reports_that_outrun_their_tick_are_kept(line: Pipeline) -> None:
    await line.projector()
    run, at = new_run(), utc_now()
    await line.write_reports(finished(run, "tidy", at))
    row = await line.ended(run)
    assert row["trigger"] is None
    tick = Tick(run=run, job="tidy", category="test", trigger="manual", fired_at=at, asked_by="kim")
    await line.write_event(tick)
    await line.projected()
    row = await line.row(run)
    assert (row["trigger"], row["asked_by"], row["outcome"], row["number"]) == ("manual", "kim", "succeeded", 1)


async def test_a_tick_that_comes_twice_is_one_run_also_after_its_end(line: Pipeline) -> None:
    await line.projector()
    run, at = new_run(), utc_now()
    tick = Tick(run=run, job="tidy", category="test", trigger="manual", fired_at=at, asked_by="kim")
    await line.write_event(tick)
    await line.write_reports(finished(run, "tidy", at))
    await line.ended(run)
    async with line.feed() as feed:
        await line.write_event(tick)
        await line.projected()
        other = new_run()
        await line.write_reports(finished(other, "tidy", at))
        await line.ended(other)
        await wait_until(lambda: runs_of(feed, other), what="the next run on the feed")
    assert [told.state for told in runs_of(feed, run) if told.state != "finished"] == []
    assert (await line.row(other))["number"] == 2


async def test_retries_and_lines_that_come_twice_stand_there_once(line: Pipeline) -> None:
    await line.projector()
    said: dict[str, Any] = {"run": new_run(), "job": "tidy", "attempt": 1, "at": utc_now()}
    logged = Logged(**said, number=1, level="info", text="hello")
    retrying = Retrying(**said, next_at=said["at"], error=Failure(code="busy", message="Busy."))
    for _ in range(2):
        await line.write_reports(Started(**said), logged, retrying)
    await line.write_reports(finished(said["run"], "tidy", said["at"]))
    await line.ended(said["run"])
    contents = await line.contents()
    assert len(contents["log"]) == len(contents["attempt"]) == 1


async def test_of_two_gateways_one_writes(line: Pipeline) -> None:
    async with line.feed() as feed:
        first, _ = await line.projector(), await line.projector()
        await line.scheduler()
        await line.worker(QUICK)
        await line.all_ended("quick", 3)
        assert len({message.source for message in feed}) == 1
        await line.stop(first)
        await line.all_ended("quick", len(await line.rows("quick")) + 3)
    await counted(line)


async def test_a_projector_whose_connection_is_cut_goes_on_or_another_does(line: Pipeline) -> None:
    for _ in range(2):
        await line.projector()
    await line.scheduler()
    await line.worker(QUICK)
    for _ in range(4):
        await line.all_ended("quick", len(await line.rows("quick")) + 3)
        cut = await line.pool.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )
        assert cut == 1, "one holds the lock"
        await line.all_ended("quick", len(await line.rows("quick")) + 3)
    await counted(line)


async def counted(line: Pipeline) -> None:
    """Every slot is there once, and the numbers have no gap."""
    await line.projected()
    rows = await line.rows("quick")
    done = sorted(row["number"] for row in rows if row["state"] == "finished")
    assert done == list(range(1, len(done) + 1))
    account = await account_of_rows(line.pool, "quick")
    assert account.faults(compile_schedule(every(100), "quick"), since=account.fired[0] - 1) == []


async def test_a_message_that_can_not_be_read_is_passed_over(line: Pipeline) -> None:
    for subject in (
        subjects.slot_tick("test", "tidy"),
        subjects.reports("test", "elsewhere"),
        subjects.bucket_key(subjects.CATALOGUE, "strange"),
        subjects.bucket_key(subjects.CONTROLS, "strange"),
    ):
        for payload in (b"{", b'{"type":"tick.v99"}', b"\xff\x00"):
            await append_plain(line.bus, subject, payload)
    await line.all(QUICK, idle("tidy"))
    await line.all_ended("quick", 2)
    assert (await line.ended(await line.run("tidy")))["outcome"] == "succeeded"


async def test_a_stream_that_is_made_anew_is_read_from_its_beginning(line: Pipeline) -> None:
    projector = await line.projector()
    old = new_run()
    for _ in range(3):
        await line.write_reports(Started(run=new_run(), job="other", attempt=1, at=utc_now()))
    await line.write_reports(finished(old, "tidy", utc_now()))
    await line.ended(old)
    await line.stop(projector)
    await line.bus.api(f"STREAM.DELETE.{subjects.REPORTS}", {})
    await declare(line.bus, Retention())
    new = new_run()
    await line.write_reports(finished(new, "tidy", utc_now()))
    await line.projector()
    assert (await line.ended(new))["number"] == 2
    assert (await line.ended(old))["number"] == 1


async def test_a_stream_that_is_made_anew_under_way_is_read_from_its_beginning(line: Pipeline) -> None:
    await line.projector()
    for _ in range(3):
        run = new_run()
        await line.write_reports(finished(run, "tidy", utc_now()))
        await line.ended(run)
    await line.bus.api(f"STREAM.DELETE.{subjects.REPORTS}", {})
    await declare(line.bus, Retention())
    run = new_run()
    await line.write_reports(finished(run, "tidy", utc_now()))
    assert (await line.ended(run, timeout=20))["number"] == 4


async def test_another_bucket_of_controls_is_news_though_it_counts_from_one_again(line: Pipeline) -> None:
    async def reads(reason: str) -> None:
        async def read() -> bool:
            rows = (await line.contents())["control"]
            return [row["body"]["reason"] for row in rows if row["job"] == "tidy"] == [reason]

        await wait_until(read, what=f"the control with {reason}")

    projector = await line.projector()
    for job in ("another", "others", "tidy"):
        await line.write_control(Control(job=job, paused=True, reason="before"))
    await reads("before")
    await line.stop(projector)
    await line.bus.api(f"STREAM.DELETE.{subjects.bucket_stream(subjects.CONTROLS)}", {})
    await declare(line.bus, Retention())
    await line.write_control(Control(job="tidy", paused=True, reason="after"))
    await line.projector()
    await reads("after")


async def test_no_slot_is_forgotten_while_no_gateway_is_there(line: Pipeline) -> None:
    """The tick log keeps enough for the account of an outage, also of jobs that are due often."""
    held = Held()
    often = [Job(spec("often", every(20)), idle("often").handler), Job(spec("long", every(20)), held)]
    await line.scheduler()
    await line.worker(*often)

    async def enough() -> bool:
        return min(await line.entry_count("often"), await line.entry_count("long")) >= 60

    await wait_until(enough, 20, what="sixty entries")
    held.let_go()
    await line.projector()
    await line.projected()
    for job in often:
        account = await account_of_rows(line.pool, job.spec.name)
        timetable = compile_schedule(job.spec.schedule, job.spec.name)
        assert account.faults(timetable, since=min([*account.fired, *(k.first for k in account.ranges)]) - 1) == []
        assert len(account.fired) + len(account.ranges) >= 60
