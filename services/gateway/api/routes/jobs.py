"""Calls about jobs."""

from __future__ import annotations

from typing import Any

from shared.timing.quiet import Quiet

from ...board.shapes import Job
from .. import bulk, commands, jobs, quiet, slots, streams
from ..paging import Page
from ..problems import Code
from ..route import Nothing, Route
from .common import SCHEDULER

CHANGE: tuple[Code, ...] = ("job_unknown", *SCHEDULER)

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/jobs", handler=jobs.list_jobs, takes=jobs.JobsQuery, gives=jobs.JobList,
          role="viewer", does="The jobs by name, and who leads the scheduling."),
    Route(method="GET", path="/api/jobs/sse", handler=streams.follow_jobs, takes=Nothing, gives="text/event-stream",
          role="viewer", does="Server-Sent Events: `snapshot` first, then `job`, `removed`, `run` and `scheduler`. "
          "Last-Event-ID resumes."),
    Route(method="POST", path="/api/jobs/bulk", handler=bulk.bulk, takes=bulk.BulkBody, gives=bulk.BulkResults,
          role="operator", does="One action on many jobs; one result a job. Enable and disable take the role admin.",
          problems=("audit_unavailable",)),
    Route(method="GET", path="/api/jobs/{name}", handler=jobs.show_job, takes=Nothing, gives=Job,
          role="viewer", does="One job.", problems=("job_unknown",)),
    Route(method="GET", path="/api/jobs/{name}/upcoming", handler=jobs.show_upcoming, takes=jobs.UpcomingQuery,
          gives=jobs.UpcomingSlots, role="viewer", does="The next slots, with what the clock change does to them.",
          problems=("job_unknown",)),
    Route(method="GET", path="/api/jobs/{name}/slots", handler=slots.show_slots, takes=Page, gives=slots.PastSlots,
          role="viewer", does="The account of past slots, newest first: fired, and how late; or not, and why.",
          problems=("job_unknown", "database_unreachable")),
    Route(method="POST", path="/api/jobs/{name}/run", handler=commands.run_now, takes=commands.RunBody,
          gives=commands.RunStarted, status=202, role="operator", does="Run the job now.",
          problems=(*CHANGE, "job_disabled", "job_running", "bad_params", "dry_run_unsupported")),
    Route(method="POST", path="/api/jobs/{name}/pause", handler=commands.pause, takes=commands.PauseBody, gives=Job,
          role="operator", does="Take the job off its schedule, for a while or for good.", problems=CHANGE),
    Route(method="POST", path="/api/jobs/{name}/resume", handler=commands.resume, takes=Nothing, gives=Job,
          role="operator", does="End the pause.", problems=CHANGE),
    Route(method="POST", path="/api/jobs/{name}/skip", handler=commands.skip_next, takes=Nothing, gives=Job,
          role="operator", does="Pass over the next slot.", problems=(*CHANGE, "job_disabled")),
    Route(method="POST", path="/api/jobs/{name}/enable", handler=commands.enable, takes=Nothing, gives=Job,
          role="admin", does="Enable the job.", problems=CHANGE),
    Route(method="POST", path="/api/jobs/{name}/disable", handler=commands.disable, takes=commands.DisableBody,
          gives=Job, role="admin", does="Disable the job: no next run, and no run by hand.", problems=CHANGE),
    Route(method="PUT", path="/api/jobs/{name}/schedule", handler=commands.set_schedule, takes=commands.ScheduleBody,
          gives=Job, role="admin", does="Give the job another interval.",
          problems=(*CHANGE, "schedule_locked", "bad_interval")),
    Route(method="DELETE", path="/api/jobs/{name}/schedule", handler=commands.reset_schedule, takes=Nothing, gives=Job,
          role="admin", does="Give the job its own schedule back.", problems=CHANGE),
    Route(method="GET", path="/api/jobs/{name}/quiet", handler=quiet.show_quiet, takes=Nothing, gives=quiet.QuietView,
          role="viewer", does="What the job waits for before it begins.",
          problems=("job_unknown", "database_unreachable")),
    Route(method="PUT", path="/api/jobs/{name}/quiet", handler=quiet.set_quiet, takes=Quiet, gives=quiet.QuietView,
          role="admin", does="Have the job wait until nobody streams, or for certain hours.",
          problems=("job_unknown", "bad_quiet", "database_unreachable", "audit_unavailable")),
)  # fmt: skip
