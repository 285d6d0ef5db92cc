"""What a run holds alone, on real NATS: nobody else has it meanwhile, and a run that waits for it says so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from services.workers.door import Job, ResourceBusy, Result, RunContext, skipped, succeeded
from shared.contracts import codec, subjects
from shared.contracts.commands import Cancel
from shared.contracts.resources import Holding, Occupied
from shared.messaging import Retention, declare
from shared.messaging.buckets import force, get
from shared.runtime.clock import utc_now
from tests.support.handlers import Held, spec
from tests.support.lonely import ATTIC, Lonely, lines, met
from tests.support.pipeline import Pipeline
from tests.support.waiting import wait_until

HOLD_MS = 2_000
"""What nobody renews is gone so soon here: tests wait for it."""


@pytest.fixture
async def line(line: Pipeline) -> Pipeline:
    await declare(line.bus, Retention(hold_ms=HOLD_MS))
    return line


class Holder:
    """Holds a resource until it is let go; looks at it whenever it is asked to."""

    def __init__(self, resource: str = ATTIC) -> None:
        self.resource = resource
        self.inside = 0
        self.looks: list[str] = []
        self._go = asyncio.Event()
        self._ask = asyncio.Event()

    async def __call__(self, run: RunContext) -> Result:
        async with run.hold(self.resource, "Attic's library") as held:
            self.inside += 1
            while not self._go.is_set():
                await self._ask.wait()
                self._ask.clear()
                try:
                    await held.check()
                except ResourceBusy as busy:
                    self.looks.append(busy.reason)
                    raise
                self.looks.append("")
        return succeeded()

    async def has_entered(self) -> None:
        await wait_until(lambda: self.inside, what="a run that holds Attic's library")

    async def look(self) -> str:
        """What the run finds when it looks now."""
        before = len(self.looks)
        self._ask.set()
        await wait_until(lambda: len(self.looks) > before, what="a look")
        return self.looks[-1]

    def let_go(self) -> None:
        self._go.set()
        self._ask.set()


async def occupy(line: Pipeline, what: str, share: float | None = None, resource: str = ATTIC) -> None:
    """As the watcher says it."""
    found = Occupied(what=what, share=share, since=utc_now())
    await force(line.bus, subjects.RESOURCES, subjects.outside_key(resource), codec.encode(found))


async def holding(line: Pipeline, resource: str = ATTIC) -> Holding | None:
    """Who holds it now."""
    data = (await get(line.bus, subjects.RESOURCES, resource)).data
    return codec.decode_holding(data) if data else None


async def test_runs_of_two_workers_that_hold_the_same_never_meet(line: Pipeline, folder: Path) -> None:
    journal = folder / "journal"
    jobs = [Job(spec(f"tidy_{number}"), Lonely(journal)) for number in range(3)]
    await line.scheduler()
    await line.projector()
    for name in ("first", "second"):
        await line.worker(*jobs, name=name)
    for job in jobs:
        await line.known(job.spec.name)
    runs = [await line.run(job.spec.name) for job in jobs]
    for run in runs:
        assert (await line.ended(run, timeout=30))["outcome"] == "succeeded"
    assert met(journal) == []
    assert len([found for found in lines(journal) if found.startswith("end")]) == len(jobs)
    assert await holding(line) is None


async def test_what_the_spec_names_is_held_before_the_handler_is_called(line: Pipeline) -> None:
    """All of it or nothing: a job that wants two, of which one is taken, keeps the other free."""
    first, second = Held(), Held()
    await line.all(
        Job(spec("first", resources=("disk.b",)), first),
        Job(spec("second", resources=("disk.b", "disk.a")), second),
    )
    began = await line.run("first")
    await first.has_begun()
    held = await holding(line, "disk.b")
    assert held is not None and (held.run, held.job, held.what) == (began, "first", "disk.b")
    waits = await line.run("second")
    row = await _noted(line, waits)
    assert row["note"] == "waiting: disk.b is held by first" and row["progress"] is None
    assert await holding(line, "disk.a") is None and not second.begun
    first.let_go()
    second.let_go()
    assert (await line.ended(waits))["outcome"] == "succeeded"
    assert await holding(line, "disk.a") is None


async def test_a_run_waits_visibly_for_what_keeps_its_resource_busy_outside(line: Pipeline) -> None:
    async def half_way(run: RunContext) -> Result:
        run.progress(0.25, "looked around")
        async with run.hold(ATTIC, "Attic's library"):
            return succeeded()

    # Its time-out is over long before the scan is, and waiting does not count.
    await line.all(Job(spec("merge", timeout_s=0.5), half_way))
    await occupy(line, "library scan on Attic", 0.42)
    run = await line.run("merge")
    row = await _noted(line, run)
    assert (row["note"], row["progress"]) == ("waiting: library scan on Attic, 42 %", 0.25)
    await occupy(line, "library scan on Attic", 0.8)
    await wait_until(lambda: _says(line, run, "waiting: library scan on Attic, 80 %"), what="the scan's progress")
    await occupy(line, "")
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"]) == ("succeeded", 1)


async def test_patience_ends_a_run_as_skipped_with_the_reason(line: Pipeline) -> None:
    holder = Holder()
    await line.all(
        Job(spec("first"), holder),
        Job(spec("second", patience_s=1.0), Holder()),
        Job(spec("third", patience_s=0), Holder()),
    )
    run = await line.run("first")
    await holder.has_entered()
    row = await line.ended(await line.run("second"))
    assert (row["outcome"], row["summary"]) == ("skipped", "waited 1s in vain: Attic's library is held by first")
    row = await line.ended(await line.run("third"))
    assert (row["outcome"], row["summary"]) == ("skipped", "Attic's library is held by first")
    holder.let_go()
    assert (await line.ended(run))["outcome"] == "succeeded"


async def test_a_handler_may_make_something_else_of_it(line: Pipeline) -> None:
    async def shrugs(run: RunContext) -> Result:
        try:
            async with run.hold(ATTIC, "Attic's library"):
                return succeeded()
        except ResourceBusy as busy:
            return skipped(f"not now: {busy.reason}")

    await line.all(Job(spec("tidy", patience_s=0), shrugs))
    await occupy(line, "library scan on Attic")
    assert (await line.ended(await line.run("tidy")))["summary"] == "not now: library scan on Attic"


async def test_what_begins_outside_in_the_middle_is_seen_at_the_next_check(line: Pipeline) -> None:
    holder = Holder()
    await line.all(Job(spec("merge", attempts=1), holder))
    run = await line.run("merge")
    await holder.has_entered()
    assert await holder.look() == ""
    await occupy(line, "library scan on Attic", 0.1)
    assert await holder.look() == "library scan on Attic, 10 %"
    row = await line.ended(run)
    assert (row["outcome"], row["error"]["code"]) == ("failed", "resource_lost")
    assert row["error"]["message"] == "library scan on Attic, 10 %."


async def test_the_handler_may_look_for_itself(line: Pipeline) -> None:
    """No watcher says anything; the look sees it all the same."""
    scanning = [Occupied(what="library scan on Attic", since=utc_now())]

    async def look() -> Occupied | None:
        return scanning[0] if scanning else None

    async def tidy(run: RunContext) -> Result:
        async with run.hold(ATTIC, "Attic's library", look=look) as held:
            await held.check()
            scanning.append(Occupied(what="library scan on Attic", share=0.5, since=utc_now()))
            await held.check()
        return succeeded()

    await line.all(Job(spec("tidy", attempts=1, patience_s=0), tidy))
    assert (await line.ended(await line.run("tidy")))["outcome"] == "skipped"
    scanning.clear()
    row = await line.ended(await line.run("tidy"))
    assert (row["outcome"], row["error"]["message"]) == ("failed", "library scan on Attic, 50 %.")


async def test_a_hold_lasts_longer_than_the_age_limit(line: Pipeline) -> None:
    holder, other = Holder(), Holder()
    await line.all(Job(spec("first"), holder), Job(spec("second", patience_s=2 * HOLD_MS / 1000), other))
    run = await line.run("first")
    await holder.has_entered()
    row = await line.ended(await line.run("second"), timeout=20)
    assert row["outcome"] == "skipped" and await holder.look() == ""
    holder.let_go()
    assert (await line.ended(run))["outcome"] == "succeeded"


async def test_a_cancel_while_it_waits_and_while_it_holds_frees_what_it_has(line: Pipeline) -> None:
    holder, other = Holder(), Holder()
    await line.all(Job(spec("first"), holder), Job(spec("second"), other))
    first = await line.run("first")
    await holder.has_entered()
    second = await line.run("second")
    await _noted(line, second)
    for run, job in ((second, "second"), (first, "first")):
        await line.ask(Cancel(job=job, run=run, by="lee"))
        assert (await line.ended(run))["outcome"] == "cancelled"
    assert await holding(line) is None and not other.inside


async def test_a_worker_that_stops_hands_over_what_only_waits(line: Pipeline) -> None:
    """What it waits for may take longer than the stop, which lets runs end that are at work."""
    tidy = Job(spec("tidy"), Holder())
    await occupy(line, "library scan on Attic")
    await line.scheduler()
    await line.projector()
    first = await line.worker(tidy, drain_s=600.0, name="first")
    await line.known("tidy")
    run = await line.run("tidy")
    await _noted(line, run)
    async with asyncio.timeout(10):
        await line.stop(first)
    holder = Holder()
    await line.worker(Job(spec("tidy"), holder), name="second")
    await occupy(line, "")
    await holder.has_entered()
    holder.let_go()
    row = await line.ended(run)
    assert (row["outcome"], row["attempt"], row["worker"]) == ("succeeded", 2, "second")


async def test_what_somebody_wrote_by_hand_frees_nothing_and_stops_nobody_for_long(line: Pipeline) -> None:
    holder = Holder()
    await line.all(Job(spec("tidy"), holder))
    await force(line.bus, subjects.RESOURCES, ATTIC, b"\xff{")
    run = await line.run("tidy")
    await wait_until(
        lambda: _says(line, run, "waiting: something that can't be read stands in the bucket of resources"),
        what="the reason",
    )
    holder.let_go()
    assert (await line.ended(run, timeout=10 + HOLD_MS / 1000))["outcome"] == "succeeded"


async def _says(line: Pipeline, run: UUID, note: str) -> bool:
    row = await line.row(run)
    assert row["note"] == note, row["note"]
    return True


async def _noted(line: Pipeline, run: UUID) -> asyncpg.Record:
    """The run's row, as soon as it says what it waits for."""

    async def noted() -> asyncpg.Record:
        row = await line.row(run)
        assert row["note"].startswith("waiting: "), row["note"]
        return row

    return await wait_until(noted, what="a run that says what it waits for")
