"""The account of a job's past slots: fired, and how late; or not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from shared.contracts.feed import RunState
from shared.contracts.reports import Outcome
from shared.contracts.ticks import SkipReason
from shared.runtime.clock import utc_now

from ..store import runs
from ..store.runs import SkippedRange, SlotRun
from .paging import Page, moment_after, moment_cursor
from .route import Call

_ONE_MS = timedelta(milliseconds=1)
_A_DAY = timedelta(days=1)


class PastSlot(Struct, frozen=True, kw_only=True):
    """A slot that fired, or a row of `count` slots up to `last` that did not, and `why`.

    `lateness_ms` is from when the slot was due (its jitter included) to when it fired.
    """

    slot: datetime
    last: datetime
    count: int
    fired: bool
    why: SkipReason | None = None
    run_id: UUID | None = None
    fired_at: datetime | None = None
    lateness_ms: int | None = None
    state: RunState | None = None
    outcome: Outcome | None = None


class PastSlots(Struct, frozen=True, kw_only=True):
    slots: tuple[PastSlot, ...]
    next: str | None


async def show_slots(call: Call, page: Page) -> PastSlots:
    """The account of a job's past slots, newest first."""
    entry, database = call.entry(), call.gateway.database
    before = moment_after(page.after, utc_now() + _A_DAY)
    fired = await runs.fired_slots(database, entry.name, before, page.limit + 1)
    skipped = await runs.skipped_slots(database, entry.name, before, page.limit + 1)
    return account(fired, skipped, page.limit)


def account(fired: Sequence[SlotRun], skipped: Sequence[SkippedRange], limit: int) -> PastSlots:
    """The newest `limit` of both, in one order; each comes newest first, and one longer than the limit if it can."""
    merged = sorted([*map(_fired, fired), *map(_skipped, skipped)], key=lambda slot: slot.slot, reverse=True)
    more = len(merged) > limit
    shown = merged[:limit]
    return PastSlots(slots=tuple(shown), next=moment_cursor(shown[-1].slot) if more else None)


def _fired(run: SlotRun) -> PastSlot:
    due = run.due_at or run.slot
    return PastSlot(
        slot=run.slot,
        last=run.slot,
        count=1,
        fired=True,
        run_id=run.run,
        fired_at=run.fired_at,
        lateness_ms=None if run.fired_at is None else (run.fired_at - due) // _ONE_MS,
        state=run.state,
        outcome=run.outcome,
    )


def _skipped(skipped: SkippedRange) -> PastSlot:
    return PastSlot(
        slot=skipped.first,
        last=skipped.last,
        count=skipped.count,
        fired=False,
        why=skipped.why,  # type: ignore[arg-type]
    )
