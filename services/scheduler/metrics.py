"""What a scheduler lets others see of its work: figures, and a span of each tick."""

from __future__ import annotations

import time
from typing import get_args
from uuid import UUID

from shared.contracts.commands import RunNow
from shared.contracts.ids import slot_run
from shared.contracts.ticks import SkipReason, Trigger
from shared.runtime.clock import now_ms
from shared.runtime.metrics import LONG_S, QUICK_S, Counter
from shared.runtime.telemetry import Telemetry
from shared.runtime.traces import Span, span_id

from .jobs import Job
from .planner import Decision, Fire
from .roster import Roster
from .stock import Stock

_MS_NS = 1_000_000
_LATENESS_S = tuple(sorted({*QUICK_S, *LONG_S}))


class Metrics:
    """Of one scheduler, whether it leads or stands by."""

    def __init__(self, telemetry: Telemetry) -> None:
        meter = telemetry.meter
        self._tracer = telemetry.tracer("scheduler")
        self._roster: Roster | None = None
        self._lateness = meter.histogram(
            "showrunner_tick_lateness_seconds", "From when a slot was due until its tick was on disk.", _LATENESS_S
        )
        self._ticks: dict[Trigger, Counter] = {
            trigger: meter.counter("showrunner_ticks", "Ticks on disk.", trigger=trigger)
            for trigger in get_args(Trigger)
        }
        self._skipped: dict[SkipReason, Counter] = {
            why: meter.counter("showrunner_slots_skipped", "Slots accounted for as not fired.", why=why)
            for why in get_args(SkipReason)
        }
        self.conflicts = meter.counter(
            "showrunner_tick_log_conflicts", "Times the tick log had moved on, or did not answer, and was read anew."
        )
        self.stock = Stock(meter)
        meter.show("showrunner_leading", "1 for the scheduler that leads.", lambda: self._roster is not None)
        meter.show("showrunner_schedules", "Jobs that the leading scheduler knows.", self._schedules)
        meter.show("showrunner_overdue_seconds", "How long the first job that is due has waited to be looked at.",
                   self._overdue)  # fmt: skip

    def lead(self, roster: Roster) -> None:
        """This scheduler leads."""
        self._roster = roster

    def stand_by(self) -> None:
        """It leads no more."""
        self._roster = None
        self.stock.forget()

    def written(self, job: Job, decision: Decision) -> None:
        """The decision's entry is on disk now."""
        if not isinstance(decision, Fire):
            self._skipped[decision.why].add(decision.count)
            return
        due = job.timetable.due(decision.slot)
        self._ticks["slot"].add()
        # It may be written up to half a millisecond early, as `now_ms` rounds.
        self._lateness.observe(max(0.0, time.time() - due / 1000))
        if self._tracer is not None:
            self._tracer.tell(_span(job, slot_run(job.timing.name, decision.slot), "slot", due * _MS_NS))

    def asked(self, job: Job, ask: RunNow, began_ns: int) -> None:
        """The tick of a run that somebody asked for at `began_ns` is on disk now."""
        self._ticks[ask.trigger].add()
        if self._tracer is not None:
            self._tracer.tell(_span(job, ask.run, ask.trigger, began_ns, parent=span_id(ask.run, "asked")))

    def _schedules(self) -> float:
        return len(self._roster.jobs) if self._roster else 0

    def _overdue(self) -> float:
        due = self._roster.agenda.next() if self._roster else None
        return 0.0 if due is None else max(0.0, (now_ms() - due) / 1000)


def _span(job: Job, run: UUID, trigger: Trigger, began_ns: int, *, parent: int = 0) -> Span:
    return Span(
        run=run,
        id=span_id(run, "tick"),
        name=f"tick {job.timing.name}",
        start_ns=began_ns,
        end_ns=max(began_ns, time.time_ns()),
        parent=parent,
        kind="producer",
        attributes={
            "showrunner.job": job.timing.name,
            "showrunner.category": job.timing.category,
            "showrunner.trigger": trigger,
        },
    )
