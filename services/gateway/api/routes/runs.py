"""Calls about runs."""

from __future__ import annotations

from typing import Any

from ...board.shapes import RunView
from .. import approvals, commands, runs, streams
from ..paging import Page
from ..route import Nothing, Route
from .common import SCHEDULER

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/runs", handler=runs.list_runs, takes=runs.RunsQuery, gives=runs.RunList,
          role="viewer", does="Runs, newest first.", problems=("database_unreachable",)),
    Route(method="GET", path="/api/runs/{id}", handler=runs.show_run, takes=Nothing, gives=RunView,
          role="viewer", does="One run.", problems=("run_unknown", "database_unreachable")),
    Route(method="GET", path="/api/runs/{id}/attempts", handler=runs.show_attempts, takes=Nothing, gives=runs.Attempts,
          role="viewer", does="The run's attempts that did not end it.",
          problems=("run_unknown", "database_unreachable")),
    Route(method="GET", path="/api/runs/{id}/log", handler=runs.show_log, takes=Page, gives=runs.Log,
          role="viewer", does="The run's log lines, oldest first.", problems=("run_unknown", "database_unreachable")),
    Route(method="GET", path="/api/runs/{id}/changes", handler=runs.show_changes, takes=Page, gives=runs.Changes,
          role="viewer", does="The steps of the run's plan, and what became of each.",
          problems=("run_unknown", "database_unreachable")),
    Route(method="GET", path="/api/runs/{id}/sse", handler=streams.follow_run, takes=Nothing, gives="text/event-stream",
          role="viewer", does="Server-Sent Events: `run` when it changes, `log` for each line; then it ends.",
          problems=("run_unknown", "database_unreachable")),
    Route(method="POST", path="/api/runs/{id}/cancel", handler=commands.cancel, takes=Nothing,
          gives=commands.RunStarted, status=202, role="operator", does="Stop the run.",
          problems=("run_unknown", "run_not_active", "database_unreachable", *SCHEDULER)),
    Route(method="POST", path="/api/runs/{id}/retry", handler=commands.retry, takes=Nothing, gives=commands.RunStarted,
          status=202, role="operator", does="Run again what has ended, with the same parameters.",
          problems=("run_unknown", "run_not_finished", "job_disabled", "job_running", "database_unreachable",
                    *SCHEDULER)),
    Route(method="POST", path="/api/runs/{id}/approve", handler=approvals.approve, takes=Nothing,
          gives=commands.RunStarted, status=202, role="admin", does="Let what a held run held back be done, by a new "
          "run.",
          problems=("run_unknown", "run_not_held", "already_approved", "job_disabled", "job_running",
                    "database_unreachable", *SCHEDULER)),
    Route(method="POST", path="/api/runs/{id}/undo", handler=approvals.undo, takes=Nothing, gives=commands.RunStarted,
          status=202, role="admin", does="Have what a run changed put back as it was before, by a new run.",
          problems=("run_unknown", "run_not_undoable", "already_undone", "job_disabled", "job_running",
                    "database_unreachable", *SCHEDULER)),
)  # fmt: skip
