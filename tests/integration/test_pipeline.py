"""Once round: slot, tick, run, reports, rows, feed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.scheduler.jobs import to_ms
from services.workers.door import Job, JobFailed, Result, RunContext, skipped, succeeded
from shared.contracts.commands import Done, RunNow
from shared.contracts.ids import new_run, slot_run
from shared.contracts.reports import Change
from shared.contracts.ticks import Tick
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_log, account_of_rows
from tests.support.handlers import Held, every, idle, spec
from tests.support.pipeline import Pipeline, runs_of

pytestmark = pytest.mark.official


async def tell_all(run: RunContext) -> Result:
    run.plan([Change(number=1, action="add", target="Kim", why="new"), Change(number=2, action="drop", target="Lee")])
    run.log(f"for {run.params['whom']}")
    run.progress(0.5, "half")
    run.applied(1)
    run.applied(2, "failed", "Lee stays")
    run.log("done", "warning")
    return succeeded(f"dry run {run.dry_run}, attempt {run.attempt}")


async def test_a_slot_becomes_a_run_a_row_and_news(line: Pipeline) -> None:
    async with line.feed() as feed:
        await line.all(idle("tidy", every(500)))
        first, *_, last = await line.all_ended("tidy", 3)
        await line.projected()
    slots = [to_ms(row["slot"]) for row in (first, last)]
    assert slots[0] % 500 == 0 and first["id"] == slot_run("tidy", slots[0])
    assert [first[name] for name in ("trigger", "state", "outcome", "summary", "attempt", "number", "category")] == [
        "slot", "finished", "succeeded", "nothing to do", 1, 1, "test"
    ]  # fmt: skip
    assert first["slot"] == first["due_at"] <= first["fired_at"] <= first["started_at"] <= first["finished_at"]
    assert last["fired_at"] - last["due_at"] < timedelta(milliseconds=450), "a slot is fired when it is due"
    heard = runs_of(feed, first["id"])
    assert heard[-1].state == "finished" and heard[-1].number == 1
    assert [message.number for message in feed] == list(range(1, len(feed) + 1))


async def test_every_slot_is_accounted_for_in_the_log_and_in_postgres(line: Pipeline) -> None:
    held = Held()
    jobs = [idle("quick", every(200)), Job(spec("slow", every(100)), held)]
    await line.all(*jobs)
    await held.has_begun()
    await line.all_ended("quick", 5)
    held.let_go()
    await line.all_ended("slow", 2)
    for job in jobs:
        timetable = compile_schedule(job.spec.schedule, job.spec.name)
        logged = account_of_log(await line.ticks(job.spec.name))
        assert logged.faults(timetable, since=logged.fired[0] - 1) == []
        await line.projected()
        written = await account_of_rows(line.pool, job.spec.name)
        assert written.faults(timetable, since=logged.fired[0] - 1) == []
        assert written.last >= logged.last
        assert written.skipped.keys() <= {"overlap"}
    assert written.skipped["overlap"] > 5


async def test_a_run_by_hand_is_what_was_asked_for(line: Pipeline) -> None:
    await line.all(Job(spec("tell", dry_run=True), tell_all))
    run = await line.run("tell", by="lee", params={"whom": "Kim"}, dry_run=True)
    row = await line.ended(run)
    assert [row[name] for name in ("trigger", "asked_by", "params", "dry_run", "slot", "summary")] == [
        "manual", "lee", {"whom": "Kim"}, True, None, "dry run True, attempt 1"
    ]  # fmt: skip
    lines = await line.pool.fetch("SELECT attempt, number, level, text FROM log WHERE run = $1 ORDER BY number", run)
    assert [tuple(found) for found in lines] == [(1, 1, "info", "for Kim"), (1, 2, "warning", "done")]
    changes = await line.pool.fetch("SELECT number, action, state, detail FROM change WHERE run = $1 ORDER BY 1", run)
    assert [tuple(found) for found in changes] == [(1, "add", "done", ""), (2, "drop", "failed", "Lee stays")]
    again = await line.run("tell", params={"whom": "Lee"}, trigger="retry", retry_of=run)
    row = await line.ended(again)
    assert (row["trigger"], row["retry_of"], row["number"]) == ("retry", run, 2)


async def test_outcomes_are_told_apart(line: Pipeline) -> None:
    async def fail(run: RunContext) -> Result:
        raise JobFailed("no_server", "There is no server.")

    async def pass_over(run: RunContext) -> Result:
        return skipped("no server is set up")

    await line.all(Job(spec("fails", attempts=1), fail), Job(spec("skips"), pass_over), idle("works"))
    rows = {job: await line.ended(await line.run(job)) for job in ("fails", "skips", "works")}
    assert {job: (row["outcome"], row["summary"]) for job, row in rows.items()} == {
        "fails": ("failed", ""),
        "skips": ("skipped", "no server is set up"),
        "works": ("succeeded", "nothing to do"),
    }
    assert rows["fails"]["error"] == {"code": "no_server", "message": "There is no server.", "trace": ""}


async def test_asking_twice_for_a_run_makes_one(line: Pipeline) -> None:
    held = Held()
    await line.all(Job(spec("slow"), held))
    ask = RunNow(job="slow", run=new_run(), by="kim")
    assert await line.ask(ask) == await line.ask(ask) == Done(run=ask.run)
    held.let_go()
    await line.ended(ask.run)
    assert await line.ask(ask) == Done(run=ask.run), "the answer was lost, and the run is over already"
    assert [type(event) for event in await line.ticks("slow")] == [Tick]
    assert held.begun == [(ask.run, 1)]


async def test_asking_again_after_the_lead_has_changed_makes_no_second_run(line: Pipeline) -> None:
    leader = await line.scheduler()
    await line.worker(idle("tidy"))
    await line.projector()
    await line.known("tidy")
    ask = RunNow(job="tidy", run=new_run(), by="kim")
    await line.ask(ask)
    await line.ended(ask.run)
    await line.stop(leader)
    await line.scheduler()
    await line.known("tidy")
    assert await line.ask(ask) == Done(run=ask.run)
    assert len(await line.ticks("tidy")) == 1
