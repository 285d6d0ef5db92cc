"""What a gateway lets others see of its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from shared.directory.alertrecords import AlertKind
from shared.runtime.metrics import QUICK_S, Counter, Meter

from .board import Board
from .board.survey import Survey
from .hooks.terms import DeliveryState
from .hub import Hub

MOST_FAILING = 100
"""So many failing jobs are named; `showrunner_jobs_failing` counts all of them."""


class Metrics:
    """Of one gateway. What belongs to one part of it is shown by that part."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.feed_gaps = meter.counter("showrunner_feed_gaps", "Times the board was read anew, for a message was lost.")
        self.alerts: dict[AlertKind, Counter] = {
            kind: meter.counter("showrunner_alerts", "Alerts that were written down.", kind=kind)
            for kind in get_args(AlertKind)
        }
        self.hook_tries: dict[DeliveryState, Counter] = {
            state: meter.counter(
                "showrunner_hook_tries", "Tries to tell a hook; `due` ones are tried again.", state=state
            )
            for state in get_args(DeliveryState)
        }
        self._problem("internal_error")

    def request(self, method: str, path: str) -> Callable[[float], None]:
        """To be told how many seconds each answer to such a request took."""
        what = "Time from a request to its answer."
        return self.meter.histogram("showrunner_http_request_seconds", what, QUICK_S, method=method, path=path).observe

    def problem(self, code: str) -> None:
        """A request was answered with an error."""
        self._problem(code).add()

    def _problem(self, code: str) -> Counter:
        return self.meter.counter("showrunner_http_problems", "Requests answered with an error.", code=code)

    def show_board(self, board: Board) -> None:
        """Show what the board knows of jobs and their runs."""
        survey = Survey(board)
        self.meter.show("showrunner_jobs", "Jobs in the catalogue.", lambda: survey.jobs)
        self.meter.show("showrunner_jobs_failing", "Jobs whose last run failed.", lambda: len(survey.failing))
        self.meter.show_each(
            "showrunner_job_failing", f"1 for a job whose last run failed; {MOST_FAILING} of them at most.", "name",
            lambda: dict.fromkeys(survey.failing[:MOST_FAILING], 1.0),
        )  # fmt: skip
        self.meter.show_each("showrunner_runs_open", "Runs that have not ended.", "state", lambda: survey.open_runs)

    def show_streams(self, hub: Hub) -> None:
        """Show what becomes of event streams."""
        show = self.meter.show
        show("showrunner_event_streams", "Open event streams.", lambda: len(hub))
        show("showrunner_event_streams_behind", "Event streams whose client is slow.", lambda: hub.behind)
        show("showrunner_events_delivered", "Events written to event streams.", lambda: hub.deliveries, grows=True)
        show("showrunner_event_streams_fell_behind", "Times a slow client was passed over: it gets the newest state "
             "when it has caught up.", lambda: hub.fell_behind, grows=True)  # fmt: skip
        show("showrunner_event_streams_dropped", "Event streams that were ended, for their client took nothing.",
             lambda: hub.dropped, grows=True)  # fmt: skip
