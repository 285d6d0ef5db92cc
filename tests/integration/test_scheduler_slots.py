"""Which slots fire: while a run is active, after an absence, and when the log has moved on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduler.jobs import to_ms, to_time
from services.workers.door import Job
from shared.contracts import codec, subjects
from shared.contracts.commands import RunNow
from shared.contracts.ids import new_run, slot_run
from shared.contracts.specs import CatchUp, Interval, Spec
from shared.contracts.ticks import SlotsSkipped, Tick
from shared.messaging import append_plain
from shared.runtime.clock import now_ms, utc_now
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_log
from tests.support.handlers import HOUR_MS, Held, every, idle, spec
from tests.support.pipeline import Pipeline
from tests.support.waiting import wait_until


def last_hour(job: Spec) -> int:
    """The newest slot of an hourly job."""
    return compile_schedule(job.schedule, job.name).latest_until(now_ms())


async def fired_since(line: Pipeline, job: Spec, slot: int) -> list[int]:
    return [fired for fired in account_of_log(await line.ticks(job.name)).fired if fired > slot]


async def all_accounted(line: Pipeline, job: Spec, since: int) -> None:
    """Wait until the log accounts for every slot after `since` up to the present, and has them once."""
    timetable = compile_schedule(job.schedule, job.name)

    async def accounted() -> bool:
        account = account_of_log(await line.ticks(job.name))
        assert account.faults(timetable, since, timetable.latest_until(now_ms() - 200)) == []
        return True

    await wait_until(accounted, what="every slot to be accounted for")


async def test_a_slot_during_a_run_is_passed_over(line: Pipeline) -> None:
    held = Held()
    await line.all(Job(spec("slow", every(300)), held))
    await held.has_begun()

    async def overlapped() -> bool:
        return account_of_log(await line.ticks("slow")).skipped["overlap"] >= 2

    await wait_until(overlapped, what="two slots to be passed over")
    assert await line.refusal(RunNow(job="slow", run=new_run(), by="kim")) == "job_running"
    assert len(held.begun) == 1
    held.let_go()
    await line.all_ended("slow", 3)
    fired = account_of_log(await line.ticks("slow")).fired
    await all_accounted(line, spec("slow", every(300)), since=fired[0] - 1)


async def test_of_the_slots_during_a_run_the_newest_waits_where_the_job_queues(line: Pipeline) -> None:
    held = Held()
    queueing = spec("slow", every(300), overlap="queue")
    await line.all(Job(queueing, held))
    await held.has_begun()

    async def merged() -> bool:
        return account_of_log(await line.ticks("slow")).skipped["merged"] >= 2

    await wait_until(merged, what="slots to be merged")
    waiting = account_of_log(await line.ticks("slow")).ranges[-1].last + 300
    held.let_go()
    await held.has_begun(2)
    slots = [fired for fired in account_of_log(await line.ticks("slow")).fired if fired >= waiting]
    assert held.begun[1][0] == slot_run("slow", slots[0])
    fired = account_of_log(await line.ticks("slow")).fired
    await all_accounted(line, queueing, since=fired[0] - 1)


@pytest.mark.parametrize(
    ("catch_up", "fired_of_five", "why"), [("none", 0, "downtime"), ("latest", 1, "merged"), ("all", 3, "downtime")]
)
async def test_catching_up_after_an_absence(line: Pipeline, catch_up: CatchUp, fired_of_five: int, why: str) -> None:
    tidy = spec("tidy", every(HOUR_MS), catch_up=catch_up, catch_up_limit=3)
    newest = last_hour(tidy)
    slots = [newest - number * HOUR_MS for number in range(5)][::-1]
    if newest > now_ms() - 60_000:
        pytest.skip("the newest slot is too fresh to have been missed")
    await line.announced(tidy)
    await line.write_tick(tidy, slots[0] - HOUR_MS)
    await line.all(Job(tidy, idle("tidy").handler))
    await all_accounted(line, tidy, since=slots[0] - HOUR_MS)
    await line.all_ended("tidy", fired_of_five)
    account = account_of_log(await line.ticks("tidy"))
    assert await fired_since(line, tidy, slots[0] - 1) == slots[5 - fired_of_five :]
    assert account.skipped == {why: 5 - fired_of_five}


async def test_an_update_of_a_job_loses_no_missed_slot(line: Pipeline) -> None:
    """The spec was announced anew, with another description, before a scheduler was back."""
    tidy = spec("tidy", every(HOUR_MS))
    slot = last_hour(tidy)
    await line.write_tick(tidy, slot - HOUR_MS)
    await line.announced(tidy)
    await line.scheduler()
    await all_accounted(line, tidy, since=slot - HOUR_MS)
    assert await fired_since(line, tidy, slot - 1) == [slot]


async def test_a_new_job_begins_with_its_next_slot(line: Pipeline) -> None:
    await line.all(idle("fresh", every(HOUR_MS)), idle("quick", every(200)))
    await line.all_ended("quick", 1)
    assert await line.ticks("fresh") == []


async def test_a_run_that_is_active_is_remembered_by_the_next_scheduler(line: Pipeline) -> None:
    slow = spec("slow", every(300))
    slot = compile_schedule(slow.schedule, "slow").latest_until(now_ms())
    await line.announced(slow)
    run = await line.write_tick(slow, slot, ended=False)
    await line.scheduler()
    await line.known("slow")
    assert await line.refusal(RunNow(job="slow", run=new_run(), by="kim")) == "job_running"

    async def overlapped() -> bool:
        return bool(account_of_log(await line.ticks("slow")).skipped["overlap"])

    await wait_until(overlapped, what="a slot to be passed over")
    held = Held()
    await line.worker(Job(slow, held))
    await held.has_begun()
    assert held.begun == [(run, 1)]


async def write_behind_its_back(line: Pipeline, job: Spec, run: UUID) -> None:
    """Another scheduler writes a tick, which the one that leads does not know of."""
    tick = Tick(run=run, job=job.name, category="test", trigger="manual", fired_at=utc_now(), asked_by="lee")
    await append_plain(line.bus, subjects.manual_tick("test", job.name), codec.encode(tick))


async def test_a_log_that_has_moved_on_is_read_again_and_the_slot_fires(line: Pipeline) -> None:
    """The job is due rarely: a tick that is refused must not wait for the next slot."""
    soon = now_ms() + 1500
    rare = spec("rare", Interval(every_ms=HOUR_MS, anchor_ms=soon))
    await line.all(Job(rare, idle("rare").handler))
    await write_behind_its_back(line, rare, new_run())

    async def fired() -> bool:
        return bool(account_of_log(await line.ticks("rare")).fired)

    await wait_until(fired, what="the slot to fire all the same")
    (slot,) = account_of_log(await line.ticks("rare")).fired
    assert slot == soon
    await line.all_ended("rare", 2)


async def test_runs_that_end_at_once_hold_up_no_slot(line: Pipeline) -> None:
    """However early the end of a run is heard, the next slot is not taken for an overlap."""
    jobs = [idle(f"job_{number}", every(1000)) for number in range(60)]
    await line.all(*jobs)
    for job in jobs:
        await line.all_ended(job.spec.name, 3)
    for job in jobs:
        account = account_of_log(await line.ticks(job.spec.name))
        assert account.skipped["overlap"] == 0, job.spec.name


async def test_a_spec_that_changes_its_schedule_starts_from_now(line: Pipeline) -> None:
    await line.all(idle("tidy", every(200)))
    await line.all_ended("tidy", 1)
    before = account_of_log(await line.ticks("tidy"))
    await line.announced(spec("tidy", every(HOUR_MS), version=2))

    async def quiet() -> bool:
        newest = account_of_log(await line.ticks("tidy")).last
        return now_ms() - newest > 700

    await wait_until(quiet, what="the old schedule to end")
    account = account_of_log(await line.ticks("tidy"))
    assert account.faults(compile_schedule(every(200), "tidy"), since=before.fired[0] - 1) == []


async def test_skips_are_told_in_ranges(line: Pipeline) -> None:
    """A paused job with an hour behind it has one entry, not thousands."""
    tidy = spec("tidy", every(1000), enabled=False)
    start = compile_schedule(tidy.schedule, "tidy").latest_until(now_ms()) - HOUR_MS
    await line.announced(tidy)
    await line.write_tick(tidy, start)
    await line.scheduler()

    async def told() -> list[SlotsSkipped]:
        return [event for event in await line.ticks("tidy") if isinstance(event, SlotsSkipped)]

    (skip, *_) = await wait_until(told, what="the entry")
    assert skip.why == "disabled" and skip.count >= 3600
    assert skip.first == to_time(start) + timedelta(seconds=1)
    assert to_ms(skip.last) - start == skip.count * 1000
