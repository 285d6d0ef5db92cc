"""What a worker lets others see of its work: figures, and a span of each attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from shared.contracts.reports import Finished, Outcome, Retrying
from shared.runtime.metrics import LONG_S, QUICK_S, Counter
from shared.runtime.telemetry import Telemetry
from shared.runtime.traces import Below, Span, current, ns, span_id

from .live import LiveRun

_RUN_S = tuple(sorted({*QUICK_S, *LONG_S}))


class Metrics:
    """Of the worker of one category. Figures are kept by category, not by job: there may be very many jobs."""

    def __init__(self, telemetry: Telemetry, category: str) -> None:
        self._meter = meter = telemetry.meter
        self._tracer = telemetry.tracer(f"worker-{category}")
        self._category = category
        self._runs: dict[Outcome, Counter] = {
            outcome: meter.counter(
                "showrunner_runs", "Runs that ended, by how they did.", category=category, outcome=outcome
            )
            for outcome in get_args(Outcome)
        }
        self._retries = meter.counter(
            "showrunner_retries", "Attempts that ended without an outcome: the run is tried again.", category=category
        )
        self._duration = meter.histogram(
            "showrunner_run_seconds", "How long attempts took that ended a run.", _RUN_S, category=category
        )
        self._wait = meter.histogram(
            "showrunner_run_wait_seconds", "From the tick until the first attempt began.", _RUN_S, category=category
        )
        self.bundles = meter.histogram(
            "showrunner_bundle_seconds", "How long it took until a bundle of reports was on disk.", QUICK_S,
            category=category,
        )  # fmt: skip

    def show(self, live: Callable[[], int], reports: Callable[[], int]) -> None:
        """Show how many runs and reports this worker has in hand."""
        self._meter.show("showrunner_runs_live", "Runs that a worker has.", live, category=self._category)
        self._meter.show(
            "showrunner_reports_waiting", "Reports that are not on disk yet.", reports, category=self._category
        )

    def begun(self, live: LiveRun) -> None:
        """This task is an attempt from now on."""
        if self._tracer is not None:
            current.set(Below(live.id, span_id(live.id, "attempt", live.attempt), self._tracer))

    def ended(self, live: LiveRun, report: Finished | Retrying) -> None:
        """An attempt has ended, and that is on disk."""
        if isinstance(report, Finished):
            self._runs[report.outcome].add()
            self._duration.observe((report.at - live.started_at).total_seconds())
        else:
            self._retries.add()
        if live.attempt == 1:
            self._wait.observe((live.started_at - live.tick.fired_at).total_seconds())
        if self._tracer is not None:
            self._tracer.tell(_span(live, report, self._category))


def _span(live: LiveRun, report: Finished | Retrying, category: str) -> Span:
    outcome = report.outcome if isinstance(report, Finished) else "retrying"
    return Span(
        run=live.id,
        id=span_id(live.id, "attempt", live.attempt),
        name=f"run {live.job}",
        start_ns=ns(live.started_at),
        end_ns=ns(report.at),
        parent=span_id(live.id, "tick"),
        kind="consumer",
        attributes={
            "showrunner.job": live.job,
            "showrunner.category": category,
            "showrunner.attempt": live.attempt,
            "showrunner.outcome": outcome,
        },
        error=f"{report.error.code}: {report.error.message}" if report.error else "",
    )
