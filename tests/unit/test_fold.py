"""Ticks and reports folded into rows: late, doubled and replayed messages change nothing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.projector.fold import Batch, Memory, fold, unknown_runs
from services.gateway.runs import FINISHED, to_run
from shared.contracts.ids import slot_run
from shared.contracts.reports import Failure, Finished, Logged, Progressed, Report, Reports, Retrying, Started
from shared.contracts.ticks import Tick

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def tick(number: int) -> Tick:
    slot = NOON + number * SECOND
    run = slot_run("tidy", int(slot.timestamp() * 1000))
    return Tick(run=run, job="tidy", category="maintenance", trigger="slot", fired_at=slot, slot=slot, due_at=slot)


def life(run: UUID, *, attempts: int = 1) -> list[Report]:
    """All reports of a run that succeeds at its last attempt."""
    reports: list[Report] = []
    for attempt in range(1, attempts + 1):
        at = NOON + attempt * SECOND
        reports.append(Started(run=run, job="tidy", attempt=attempt, at=at))
        reports.append(Progressed(run=run, job="tidy", attempt=attempt, at=at, share=0.5, note="half"))
        if attempt < attempts:
            error = Failure(code="nope", message="not yet")
            reports.append(Retrying(run=run, job="tidy", attempt=attempt, at=at, next_at=at, error=error))
    end = Finished(
        run=run, job="tidy", attempt=attempts, started_at=at, at=at + SECOND, outcome="succeeded", summary="done"
    )
    return [*reports, end]


def bundle(*reports: Report) -> Reports:
    return Reports(worker="w", category="maintenance", reports=reports)


def empty() -> Memory:
    return Memory([], {})


def test_a_whole_life_in_one_batch_is_one_row_and_is_forgotten() -> None:
    memory, event = empty(), tick(1)
    batch = fold(memory, [event], [bundle(*life(event.run, attempts=2))])
    [row] = batch.runs.values()
    assert (row.state, row.outcome, row.attempt, row.number, row.rank) == ("finished", "succeeded", 2, 1, FINISHED)
    assert row.error is None
    assert [retry.attempt for retry, _ in batch.retries] == [1]
    assert not memory.open


def test_a_report_that_outruns_its_tick_waits_for_it() -> None:
    memory, event = empty(), tick(1)
    assert unknown_runs(memory, [], [bundle(*life(event.run))]) == {event.run}
    early = fold(memory, [], [bundle(*life(event.run))])
    assert early.runs[event.run].trigger is None
    late = fold(memory, [event], [])
    assert late.runs[event.run].slot == event.slot
    assert late.runs[event.run].outcome == "succeeded"
    assert not memory.open


def test_a_finished_run_that_is_told_again_is_neither_changed_nor_counted() -> None:
    memory, event = empty(), tick(1)
    batch = fold(memory, [event], [bundle(*life(event.run))])
    memory.open[event.run] = batch.runs[event.run]  # as read back from the database
    again = fold(memory, [event], [bundle(*life(event.run))])
    assert not again.runs
    assert memory.finished == {"tidy": 1}


def test_log_lines_of_a_run_do_not_make_a_row() -> None:
    line = Logged(run=tick(1).run, job="tidy", attempt=1, number=1, at=NOON, level="info", text="hello")
    memory = empty()
    batch = fold(memory, [], [bundle(line)])
    assert batch.logs == [line]
    assert not batch.runs
    assert not memory.open


@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(1, 3))
def test_any_order_any_doubling_any_batching_ends_alike(chance: random.Random, runs: int, attempts: int) -> None:
    events = [tick(number) for number in range(runs)]
    straight = settle(empty(), [(events, [bundle(*life(event.run, attempts=attempts))]) for event in events])
    messages: list[Tick | Reports] = [*events]
    for event in events:
        messages.extend(bundle(report) for report in life(event.run, attempts=attempts))
    messages += chance.sample(messages, len(messages) // 2)
    chance.shuffle(messages)
    crooked = empty()
    batches: list[tuple[list[Tick], list[Reports]]] = []
    while messages:
        some, messages = messages[: (cut := chance.randint(1, 5))], messages[cut:]
        batches.append(([m for m in some if isinstance(m, Tick)], [m for m in some if isinstance(m, Reports)]))
    assert settle(crooked, batches) == straight
    assert crooked.finished == {"tidy": runs}


def settle(memory: Memory, batches: list[tuple[list[Tick], list[Reports]]]) -> dict[UUID, bytes]:
    """What a database would hold after these batches; it is asked about unknown runs as the real one is."""
    table: dict[UUID, Batch] = {}
    for events, bundles in batches:
        for run in unknown_runs(memory, events, bundles):
            if run in table:
                memory.open[run] = table[run].runs[run]
        for event in events:
            if event.run in table and event.run not in memory.open:
                memory.open[event.run] = table[event.run].runs[event.run]
        batch = fold(memory, events, bundles)
        table.update(dict.fromkeys(batch.runs, batch))
    return {
        run: msgspec.json.encode(msgspec.structs.replace(to_run(b.runs[run]), number=0)) for run, b in table.items()
    }
