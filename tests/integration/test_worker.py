"""What a worker makes of a tick: attempts, time-outs, cancels, draining, and sharing the work."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts import codec, subjects
from shared.contracts.commands import Cancel
from shared.contracts.ids import new_run
from shared.contracts.reports import Finished, Retrying, Started
from shared.contracts.specs import Spec
from shared.contracts.ticks import Tick, TickEvent
from shared.messaging import append_plain
from shared.runtime.clock import utc_now
from tests.support.handlers import Held, every, idle, spec
from tests.support.pipeline import Pipeline, runs_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.official


class Failing:
    """Fails with `error` as often as told, then succeeds."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error = error
        self.times = times
        self.attempts: list[int] = []

    async def __call__(self, run: RunContext) -> Result:
        self.attempts.append(run.attempt)
        if len(self.attempts) <= self.times:
            raise self.error
        return succeeded("at last")


async def test_a_failure_is_tried_again_and_the_back_off_doubles(line: Pipeline) -> None:
    failing = Failing(JobFailed("busy", "The server is busy."), times=2)
    await line.all(Job(spec("tidy", attempts=3, backoff_s=0.2), failing))
    run = await line.run("tidy")
    row = await line.ended(run)
    assert (row["outcome"], row["summary"], row["attempt"], row["error"]) == ("succeeded", "at last", 3, None)
    assert failing.attempts == [1, 2, 3]
    attempts = await line.pool.fetch("SELECT * FROM attempt WHERE run = $1 ORDER BY attempt", run)
    assert [(found["attempt"], found["error"]["code"]) for found in attempts] == [(1, "busy"), (2, "busy")]
    waits = [found["next_at"] - found["ended_at"] for found in attempts]
    assert waits == [timedelta(seconds=0.2), timedelta(seconds=0.4)]
    reports = await line.reports()
    begun = {report.attempt: report.at for report in reports if isinstance(report, Started)}
    # The last one ends at once, and its end says when it began.
    begun |= {report.attempt: report.started_at for report in reports if isinstance(report, Finished)}
    assert all(begun[found["attempt"] + 1] >= found["next_at"] for found in attempts)


async def test_the_last_attempt_decides(line: Pipeline) -> None:
    failing = Failing(JobFailed("busy", "The server is busy."), times=9)
    await line.all(Job(spec("tidy", attempts=2, backoff_s=0.05), failing))
    row = await line.ended(await line.run("tidy"))
    assert (row["outcome"], row["attempt"], row["error"]["message"]) == ("failed", 2, "The server is busy.")
    assert failing.attempts == [1, 2]


async def test_a_failure_that_is_final_is_not_tried_again(line: Pipeline) -> None:
    failing = Failing(JobFailed("no_server", "There is none.", retry=False), times=9)
    await line.all(Job(spec("tidy", attempts=3, backoff_s=0.05), failing))
    row = await line.ended(await line.run("tidy"))
    assert (row["outcome"], row["attempt"], row["error"]["code"]) == ("failed", 1, "no_server")
    assert failing.attempts == [1]


async def test_a_crash_is_told_with_its_trace(line: Pipeline) -> None:
    failing = Failing(ZeroDivisionError("too small"), times=1)
    await line.all(Job(spec("tidy", attempts=1), failing), idle("other"))
    row = await line.ended(await line.run("tidy"))
    assert (row["outcome"], row["error"]["code"]) == ("failed", "crashed")
    assert row["error"]["message"] == "ZeroDivisionError: too small"
    assert "test_worker.py" in row["error"]["trace"]
    assert (await line.ended(await line.run("other")))["outcome"] == "succeeded", "the worker goes on"


async def test_a_handler_that_takes_too_long_is_stopped(line: Pipeline) -> None:
    held = Held()
    await line.all(Job(spec("slow", timeout_s=0.2, attempts=2, backoff_s=0.05), held))
    row = await line.ended(await line.run("slow"))
    assert (row["outcome"], row["error"]["code"], row["attempt"]) == ("failed", "timed_out", 2)
    assert held.at_work == 0


async def test_a_time_out_of_the_handlers_own_is_a_crash(line: Pipeline) -> None:
    await line.all(Job(spec("tidy", attempts=1), Failing(TimeoutError("the server"), times=1)))
    row = await line.ended(await line.run("tidy"))
    assert (row["error"]["code"], row["error"]["message"]) == ("crashed", "TimeoutError: the server")


async def test_progress_is_heard_while_the_run_goes_on(line: Pipeline) -> None:
    go = asyncio.Event()

    async def step_by_step(run: RunContext) -> Result:
        run.progress(0.25, "a quarter")
        await go.wait()
        run.progress(7.0)
        return succeeded()

    async with line.feed() as feed:
        await line.all(Job(spec("tidy"), step_by_step))
        run = await line.run("tidy")
        told = await wait_until(
            lambda: next((told for told in runs_of(feed, run) if told.progress), None), what="progress on the feed"
        )
        assert (told.state, told.progress, told.note) == ("running", 0.25, "a quarter")
        go.set()
        row = await line.ended(run)
    assert (row["progress"], row["note"]) == (None, "")


async def test_a_run_is_cancelled_while_it_runs(line: Pipeline) -> None:
    held = Held()
    await line.all(Job(spec("slow"), held))
    run = await line.run("slow")
    await held.has_begun()
    await line.ask(Cancel(job="slow", run=run, by="lee"))
    row = await line.ended(run)
    assert (row["outcome"], row["summary"]) == ("cancelled", "cancelled by lee")
    assert held.at_work == 0 and not held.ended
    assert await line.refusal(Cancel(job="slow", run=run, by="lee")) == "run_not_active"
    again = await line.run("slow")
    await held.has_begun(2)
    held.let_go()
    assert (await line.ended(again))["outcome"] == "succeeded"


async def test_a_queued_run_is_cancelled_before_it_begins(line: Pipeline) -> None:
    """No worker is there; one that comes later does not run it, and the job goes on."""
    await line.scheduler()
    await line.projector()
    held = Held()
    slow = Job(spec("slow"), held)
    await line.announced(slow.spec)
    await line.known("slow")
    run = await line.run("slow")
    await line.ask(Cancel(job="slow", run=run, by="lee"))
    row = await line.ended(run)
    assert (row["outcome"], row["summary"]) == ("cancelled", "cancelled by lee before it began")
    await line.worker(slow)
    held.let_go()
    await line.ended(await line.run("slow"))
    assert [begun for begun, _ in held.begun] != [run] and len(held.begun) == 1


async def test_a_slot_whose_run_was_cancelled_before_it_began_stays_accounted_for(line: Pipeline) -> None:
    """Also where it was not the last entry, and for the scheduler that leads next."""
    scheduler = await line.scheduler()
    await line.projector()
    held = Held()
    slow = Job(spec("slow", every(400)), held)
    await line.announced(slow.spec)

    async def overlapped() -> list[TickEvent] | None:
        ticks = await line.ticks("slow")
        return ticks if len(ticks) >= 3 else None

    first, *_ = await wait_until(overlapped, what="a queued run, and slots that were passed over for it")
    assert isinstance(first, Tick)
    await line.ask(Cancel(job="slow", run=first.run, by="lee"))
    assert (await line.ended(first.run))["outcome"] == "cancelled"
    await line.stop(scheduler)
    await line.scheduler()
    await line.known("slow")
    held.let_go()
    await line.worker(slow)
    await held.has_begun(2)
    await line.projected()
    assert first.run not in [begun for begun, _ in held.begun]
    assert await line.pool.fetchval("SELECT count(*) FROM run WHERE slot = $1", first.slot) == 1
    assert await line.pool.fetchval("SELECT count(*) FROM skipped WHERE $1 BETWEEN first AND last", first.slot) == 0
    assert (await line.row(first.run))["outcome"] == "cancelled"


async def test_a_run_between_two_attempts_is_cancelled(line: Pipeline) -> None:
    failing = Failing(JobFailed("busy", "The server is busy."), times=9)
    await line.all(Job(spec("tidy", attempts=3, backoff_s=3600), failing))
    run = await line.run("tidy")
    await line.in_state(run, "retrying")
    await line.ask(Cancel(job="tidy", run=run, by="lee"))
    assert (await line.ended(run))["outcome"] == "cancelled"
    assert failing.attempts == [1]
    failing.times = 0
    assert (await line.ended(await line.run("tidy")))["outcome"] == "succeeded"


async def test_a_worker_that_stops_lets_its_runs_end(line: Pipeline) -> None:
    held = Held()
    await line.scheduler()
    await line.projector()
    worker = await line.worker(Job(spec("slow"), held), drain_s=10)
    await line.known("slow")
    run = await line.run("slow")
    await held.has_begun()
    worker.cancel()
    assert not worker.done()
    held.let_go()
    await line.stop(worker)
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"]) == ("succeeded", 1)


async def test_a_worker_that_can_not_wait_hands_its_runs_over(line: Pipeline) -> None:
    held = Held()
    job = Job(spec("slow"), held)
    await line.scheduler()
    await line.projector()
    worker = await line.worker(job, drain_s=0)
    await line.known("slow")
    run = await line.run("slow")
    await held.has_begun()
    await line.stop(worker)
    retrying = [report for report in await line.reports() if isinstance(report, Retrying)]
    assert [(report.run, report.error.code) for report in retrying] == [(run, "interrupted")]
    await line.worker(job)
    await held.has_begun(2)
    held.let_go()
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"], held.begun) == ("succeeded", 2, [(run, 1), (run, 2)])


async def test_a_run_that_can_not_go_on_elsewhere_says_so(line: Pipeline) -> None:
    held = Held()
    await line.scheduler()
    await line.projector()
    worker = await line.worker(Job(spec("once", attempts=1), held), drain_s=0)
    await line.known("once")
    run = await line.run("once")
    await held.has_begun()
    await line.stop(worker)
    row = await line.ended(run)
    assert (row["outcome"], row["error"]["code"]) == ("failed", "interrupted")


async def test_a_job_that_this_worker_does_not_know_waits_for_one_that_does(line: Pipeline) -> None:
    held = Held()
    await line.scheduler()
    await line.projector()
    await line.worker(idle("known"))
    await line.announced(spec("unknown"))
    await line.known("unknown")
    run = await line.run("unknown")
    await line.in_state(run, "queued")
    await line.worker(Job(spec("unknown"), held))
    held.let_go()
    assert (await line.ended(run, timeout=20))["outcome"] == "succeeded"


async def test_a_run_that_has_ended_is_not_run_again(line: Pipeline) -> None:
    """Its tick stands in the log a second time, as after a publish whose answer was lost."""
    held = Held()
    held.let_go()
    tidy: Spec = spec("tidy")
    await line.all(Job(tidy, held), idle("other"))
    run = new_run()
    tick = Tick(run=run, job="tidy", category="test", trigger="manual", fired_at=utc_now())
    for _ in range(2):
        await append_plain(line.bus, subjects.manual_tick("test", "tidy"), codec.encode(tick))
        await line.ended(run)
    await line.ended(await line.run("other"))
    assert held.begun == [(run, 1)]
    await line.projected()
    ended = [report for report in await line.reports() if isinstance(report, Finished) and report.run == run]
    assert len(ended) == 1


async def test_no_more_runs_at_a_time_than_the_limit(line: Pipeline) -> None:
    held = Held()
    jobs = [Job(spec(f"slow_{number}"), held) for number in range(9)]
    await line.scheduler()
    await line.projector()
    await line.worker(*jobs, concurrency=3)
    for job in jobs:
        await line.known(job.spec.name)
    runs = [await line.run(job.spec.name) for job in jobs]
    await held.has_begun(3)
    states = {run: (await line.in_state(run, "queued"))["state"] for run in runs[3:]}
    assert set(states.values()) == {"queued"} and len(held.begun) == 3
    held.let_go()
    for run in runs:
        await line.ended(run)
    assert held.most_at_work == 3


async def test_two_workers_share_the_work(line: Pipeline) -> None:
    held = Held()
    jobs = [Job(spec(f"slow_{number}"), held) for number in range(8)]
    await line.scheduler()
    await line.projector()
    for name in ("first", "second"):
        await line.worker(*jobs, concurrency=4, name=name)
    for job in jobs:
        await line.known(job.spec.name)
    runs = [await line.run(job.spec.name) for job in jobs]
    await held.has_begun(8)
    held.let_go()
    rows = [await line.ended(run) for run in runs]
    assert sorted(row["worker"] for row in rows) == ["first"] * 4 + ["second"] * 4
    assert all(row["attempt"] == 1 for row in rows)
