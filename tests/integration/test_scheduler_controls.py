"""What people decide about a job: in force at once, kept over a restart, and never a surprise run."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services.gateway.asking import CommandRefused, SchedulerUnreachable
from services.scheduler.jobs import to_ms
from services.workers.door import Job
from services.workers.runtime.announce import announce
from shared.contracts import subjects
from shared.contracts.commands import (
    Disable,
    Enable,
    Pause,
    ResetSchedule,
    RestoreControl,
    Resume,
    RunNow,
    SetInterval,
    SkipNext,
)
from shared.contracts.controls import Control
from shared.contracts.ids import new_run
from shared.contracts.specs import Calendar
from shared.contracts.ticks import SlotsSkipped, Tick
from shared.runtime.clock import now_ms, utc_now
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_log
from tests.support.handlers import Held, every, idle, spec
from tests.support.pipeline import Pipeline
from tests.support.servers import NatsServer
from tests.support.waiting import wait_until

WHO: dict[str, Any] = {"job": "tidy", "by": "kim"}


async def log_has(line: Pipeline, why: str, job: str = "tidy") -> None:
    """Wait until a slot stands in the log as skipped for this reason."""

    async def told() -> bool:
        return any(isinstance(event, SlotsSkipped) and event.why == why for event in await line.ticks(job))

    await wait_until(told, what=f"a slot that is accounted for as {why}")


async def fired(line: Pipeline, job: str = "tidy") -> list[Tick]:
    return [event for event in await line.ticks(job) if isinstance(event, Tick)]


async def test_a_paused_job_keeps_its_slots_off_and_runs_by_hand(line: Pipeline) -> None:
    await line.all(idle("tidy", every(300)))
    await line.all_ended("tidy", 1)
    done = await line.ask(Pause(**WHO, reason="holiday"))
    assert done.control is not None and done.control.paused and done.control.reason == "holiday"
    paused_at = now_ms()
    run = await line.run("tidy")
    await line.ended(run)
    await line.ask(Resume(**WHO))
    resumed_at = now_ms()
    await line.all_ended("tidy", len(await line.rows("tidy")) + 2)
    slots = [to_ms(tick.slot) for tick in await fired(line) if tick.slot is not None]
    assert not [slot for slot in slots if paused_at < slot <= resumed_at - 300]
    account = account_of_log(await line.ticks("tidy"))
    assert account.faults(compile_schedule(every(300), "tidy"), since=slots[0] - 1) == []


async def test_a_pause_with_an_end_ends_by_itself(line: Pipeline) -> None:
    await line.all(idle("tidy", every(200)))
    until = utc_now() + timedelta(seconds=1)
    await line.ask(Pause(**WHO, until=until))
    await log_has(line, "paused")

    async def resumed() -> bool:
        return any(tick.slot is not None and tick.slot >= until for tick in await fired(line))

    await wait_until(resumed, what="a slot behind the pause")
    account = account_of_log(await line.ticks("tidy"))
    assert account.faults(compile_schedule(every(200), "tidy"), since=account.ranges[0].first - 1) == []
    assert all(kept.last < to_ms(until) for kept in account.ranges if kept.why == "paused")


async def test_a_disabled_job_refuses_to_run(line: Pipeline) -> None:
    await line.all(idle("tidy", every(200)))
    await line.ask(Disable(**WHO, reason="broken"))
    disabled_at = now_ms()
    assert await line.refusal(RunNow(job="tidy", run=new_run(), by="kim")) == "job_disabled"
    assert await line.refusal(SkipNext(**WHO)) == "job_disabled"
    done = await line.ask(Enable(**WHO))
    enabled_at = now_ms()
    assert done.control is not None and done.control.enabled and not done.control.reason
    count = len(await fired(line))
    await line.all_ended("tidy", count + 2)
    slots = [to_ms(tick.slot) for tick in await fired(line) if tick.slot is not None]
    assert not [slot for slot in slots if disabled_at < slot <= enabled_at - 200]
    account = account_of_log(await line.ticks("tidy"))
    first = min([*slots, *(kept.first for kept in account.ranges)])
    assert account.faults(compile_schedule(every(200), "tidy"), since=first - 1) == []


async def test_a_new_interval_counts_from_now(line: Pipeline) -> None:
    await line.all(idle("tidy"))
    before = now_ms()
    done = await line.ask(SetInterval(**WHO, every_ms=1000))
    after = now_ms()
    assert done.control is not None and done.control.interval is not None
    assert before <= done.control.interval.anchor_ms <= after
    await line.all_ended("tidy", 1)
    (tick, *_) = await fired(line)
    assert tick.slot is not None and to_ms(tick.slot) == done.control.interval.anchor_ms + 1000
    done = await line.ask(ResetSchedule(**WHO))
    assert done.control is not None and done.control.interval is None
    count = len(await fired(line))
    await line.ended(await line.run("tidy"))
    assert len(await fired(line)) == count + 1, "the first schedule has no slot today"


@pytest.mark.parametrize("every_ms", [0, -5, 999, 10**15])
async def test_an_interval_that_will_not_do_is_refused_with_the_reason(line: Pipeline, every_ms: int) -> None:
    await line.all(idle("tidy", min_interval_ms=1000))
    with pytest.raises(CommandRefused, match="at most every 1s and at least every") as refused:
        await line.ask(SetInterval(**WHO, every_ms=every_ms))
    assert refused.value.code == "bad_interval"


async def test_a_calendar_and_a_locked_job_keep_their_schedule(line: Pipeline) -> None:
    await line.all(idle("tidy", Calendar(expression="30 3 * * *")), idle("locked", editable=False))
    assert await line.refusal(SetInterval(**WHO, every_ms=5000)) == "schedule_locked"
    assert await line.refusal(SetInterval(job="locked", by="kim", every_ms=5000)) == "schedule_locked"
    assert await line.refusal(SetInterval(job="nobody", by="kim", every_ms=5000)) == "job_unknown"


async def test_a_command_waits_for_a_job_that_the_scheduler_is_about_to_take(line: Pipeline) -> None:
    await line.all(idle("another"))
    async with line.bus.listen(subjects.ALL_COMMANDS) as commands:
        asking = asyncio.ensure_future(line.ask(Pause(**WHO)))
        await anext(commands)
        await announce(line.bus, [spec("tidy")])
        done = await asking
    assert done.control is not None and done.control.paused


async def test_a_command_that_may_have_been_heard_after_all_is_not_said_to_have_no_job(
    line: Pipeline, nats_server: NatsServer
) -> None:
    await line.all(idle("another"))
    async with line.bus.listen(subjects.ALL_COMMANDS) as commands:
        asking = asyncio.ensure_future(line.ask(Pause(**WHO)))
        await anext(commands)
        await anext(commands)  # it is asked again since the job was not known
        nats_server.pause()
        try:
            with pytest.raises(SchedulerUnreachable, match="Look at the job"):
                await asking
        finally:
            nats_server.resume()


async def test_the_next_slot_is_passed_over_by_hand_and_no_other(line: Pipeline) -> None:
    await line.all(idle("tidy", every(500)))
    done = await line.ask(SkipNext(**WHO))
    assert done.control is not None and done.control.skip_until is not None
    await log_has(line, "by_hand")
    skipped = [event for event in await line.ticks("tidy") if isinstance(event, SlotsSkipped)]
    assert [(event.first, event.last, event.count) for event in skipped if event.why == "by_hand"] == [
        (done.control.skip_until, done.control.skip_until, 1)
    ]
    await line.all_ended("tidy", 2)
    account = account_of_log(await line.ticks("tidy"))
    first = min([*account.fired, *(kept.first for kept in account.ranges)])
    assert account.faults(compile_schedule(every(500), "tidy"), since=first - 1) == []


async def test_decisions_are_kept_over_a_restart_of_the_scheduler(line: Pipeline) -> None:
    names = ("paused", "disabled", "hurried")
    scheduler = await line.scheduler()
    await line.worker(*(idle(name, every(400)) for name in names))
    await line.projector()
    for name in names:
        await line.known(name)
    await line.ask(Pause(job="paused", by="kim", reason="holiday"))
    await line.ask(Disable(job="disabled", by="kim"))
    done = await line.ask(SetInterval(job="hurried", by="kim", every_ms=1000))
    assert done.control is not None and done.control.interval is not None
    anchor = done.control.interval.anchor_ms
    await line.stop(scheduler)
    restarted_at = now_ms()
    await line.scheduler()
    for name in names:
        await line.known(name)
    await line.ended(await line.run("paused"))
    assert await line.refusal(RunNow(job="disabled", run=new_run(), by="kim")) == "job_disabled"

    async def slots(name: str) -> list[int]:
        found = [to_ms(tick.slot) for tick in await fired(line, name) if tick.slot is not None]
        return [slot for slot in found if slot > restarted_at]

    async def hurried() -> list[int] | None:
        found = await slots("hurried")
        return found if len(found) >= 2 else None

    assert all((slot - anchor) % 1000 == 0 for slot in await wait_until(hurried, what="slots of the new interval"))
    assert await slots("paused") == await slots("disabled") == []
    control = await line.pool.fetchval("SELECT body FROM control WHERE job = 'paused'")
    assert (control["paused"], control["reason"], control["changed_by"]) == (True, "holiday", "kim")


async def test_no_decision_brings_about_a_surprise_run(line: Pipeline) -> None:
    """An hour of slots was passed over while the job was paused; none of them is run when that ends."""
    tidy = spec("tidy", every(3_600_000), catch_up="all")
    slot = compile_schedule(tidy.schedule, "tidy").latest_until(now_ms())
    await line.announced(tidy)
    await line.write_tick(tidy, slot - 3 * 3_600_000)
    paused = Control(job="tidy", paused=True, changed_by="kim", changed_at=utc_now() - timedelta(hours=5))
    await line.write_control(paused)
    await line.scheduler()
    await line.worker(Job(tidy, Held()))
    await line.known("tidy")
    for command in (
        Resume(**WHO), Disable(**WHO), Enable(**WHO), SetInterval(**WHO, every_ms=7_200_000), ResetSchedule(**WHO)
    ):  # fmt: skip
        await line.ask(command)
    assert len(await fired(line)) == 1, "only the slot of three hours ago"
    account = account_of_log(await line.ticks("tidy"))
    assert account.skipped == {"paused": 3}


async def test_a_slot_that_waits_for_a_run_is_accounted_for_when_the_job_is_changed(line: Pipeline) -> None:
    held = Held()
    queueing = Job(spec("tidy", every(400), overlap="queue"), held)
    await line.all(queueing)
    await held.has_begun()
    (first,) = await fired(line)
    assert first.slot is not None
    waiting = first.slot + timedelta(milliseconds=400)
    await wait_until(lambda: utc_now() > waiting, what="the next slot to be due")
    await line.ask(SetInterval(**WHO, every_ms=86_400_000))
    held.let_go()
    account = account_of_log(await line.ticks("tidy"))
    assert account.faults(compile_schedule(every(400), "tidy"), to_ms(first.slot) - 1, to_ms(waiting)) == []


async def test_a_control_of_a_backup_is_put_back_as_it_was(line: Pipeline) -> None:
    await line.all(idle("tidy", every(60_000)))
    done = await line.ask(SetInterval(**WHO, every_ms=120_000))
    done = await line.ask(Pause(**WHO, reason="holiday"))
    then = done.control
    assert then is not None and then.interval is not None
    await line.ask(Resume(**WHO))
    await line.ask(ResetSchedule(**WHO))
    back = await line.ask(RestoreControl(job="tidy", control=then))
    assert back.control == then
    # What stands so already is not written again.
    assert await line.ask(RestoreControl(job="tidy", control=then)) == back
    nothing = Control(job="tidy")
    stays = (await line.ask(RestoreControl(job="tidy", control=nothing))).control
    assert stays == replace(then, interval=None), "a job that is stopped is not set going by a backup"
    await line.ask(Resume(**WHO))
    assert (await line.ask(RestoreControl(job="tidy", control=nothing))).control == nothing


async def test_an_interval_that_is_not_allowed_any_more_does_not_come_back(line: Pipeline) -> None:
    await line.all(idle("tidy", Calendar(expression="0 4 * * *")))
    then = Control(job="tidy", enabled=False, interval=every(60_000), reason="too loud", changed_by="kim")
    back = await line.ask(RestoreControl(job="tidy", control=then))
    assert back.control == replace(then, interval=None)
