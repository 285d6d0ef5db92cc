"""All calls of the API. The router and the OpenAPI document are made from this table."""

from __future__ import annotations

from typing import Any

from shared.directory.records import Server

from ..board.shapes import Job, RunView
from ..store.accounts import User
from . import audit, bulk, commands, health, jobs, media, runs, servers, session, slots, streams, tokens, users
from .openapi import with_document
from .paging import Page
from .problems import Code
from .route import Nothing, Route

SCHEDULER: tuple[Code, ...] = ("scheduler_unreachable", "audit_unavailable")
CHANGE: tuple[Code, ...] = ("job_unknown", *SCHEDULER)

ROUTES: tuple[Route[Any], ...] = with_document((
    # Health
    Route(method="GET", path="/healthz", handler=health.is_alive, takes=Nothing, gives=health.Health,
          role="anyone", does="Whether the process answers at all."),
    Route(method="GET", path="/readyz", handler=health.is_ready, takes=Nothing, gives=health.Readiness,
          role="anyone", does="Whether requests should come here: 200, or 503 and what is missing."),
    Route(method="GET", path="/metrics", handler=health.show_metrics, takes=Nothing, gives="text/plain",
          role="viewer", does="What can be measured, in Prometheus' text format."),
    # Session
    Route(method="POST", path="/api/session", handler=session.log_in, takes=session.Credentials, gives=session.WhoAmI,
          role="anyone", does="Log in; the answer sets the session's cookie.",
          problems=("wrong_password", "too_many_tries", "database_unreachable")),
    Route(method="GET", path="/api/session", handler=session.who_am_i, takes=Nothing, gives=session.WhoAmI,
          role="viewer", does="Who is logged in."),
    Route(method="DELETE", path="/api/session", handler=session.log_out, takes=Nothing, gives=None, status=204,
          role="viewer", does="Log out; the session's event streams end.", problems=("database_unreachable",)),
    Route(method="PUT", path="/api/session/password", handler=session.change_password, takes=session.PasswordChange,
          gives=None, status=204, role="viewer", does="Change one's own password; all other sessions end.",
          problems=("wrong_password", "too_many_tries", "weak_password", "database_unreachable")),
    # Jobs
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
    # Runs
    Route(method="GET", path="/api/runs", handler=runs.list_runs, takes=runs.RunsQuery, gives=runs.RunList,
          role="viewer", does="Runs, newest first.", problems=("database_unreachable",)),
    Route(method="GET", path="/api/runs/{id}", handler=runs.show_run, takes=Nothing, gives=RunView,
          role="viewer", does="One run.", problems=("run_unknown", "database_unreachable")),
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
    # Media servers, and what is on them
    Route(method="GET", path="/api/servers", handler=servers.list_servers, takes=Nothing, gives=servers.ServerList,
          role="viewer", does="The media servers, the oldest first.", problems=("database_unreachable",)),
    Route(method="POST", path="/api/servers", handler=servers.add_server, takes=servers.ServerBody,
          gives=Server, status=201, role="admin", does="Add a media server, once it was looked at.",
          problems=("server_refused", "duplicate_server", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/servers/{id}", handler=servers.show_server, takes=Nothing, gives=Server,
          role="viewer", does="One media server.", problems=("server_unknown", "database_unreachable")),
    Route(method="PUT", path="/api/servers/{id}", handler=servers.change_server, takes=servers.ServerChange,
          gives=Server, role="admin", does="Change a media server; what is left out stays as it is.",
          problems=("server_unknown", "server_refused", "duplicate_server", "database_unreachable",
                    "audit_unavailable")),
    Route(method="DELETE", path="/api/servers/{id}", handler=servers.remove_server, takes=Nothing, gives=None,
          status=204, role="admin", does="Remove a media server with its libraries and accounts; people stay.",
          problems=("server_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="POST", path="/api/servers/{id}/check", handler=servers.check_server, takes=Nothing,
          gives=Server, role="operator", does="Look at a media server now.",
          problems=("server_unknown", "duplicate_server", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/libraries", handler=media.list_libraries, takes=media.OfServer,
          gives=media.LibraryList, role="viewer", does="Libraries by title.", problems=("database_unreachable",)),
    Route(method="GET", path="/api/people", handler=media.list_people, takes=Page, gives=media.PersonList,
          role="viewer", does="People by name.", problems=("database_unreachable",)),
    Route(method="GET", path="/api/accounts", handler=media.list_accounts, takes=media.OfServerPaged,
          gives=media.AccountList, role="viewer", does="People's accounts on the servers, by title.",
          problems=("database_unreachable",)),
    # Who may log in, and what they did
    Route(method="GET", path="/api/users", handler=users.list_users, takes=Nothing, gives=users.UserList,
          role="admin", does="Who may log in.", problems=("database_unreachable",)),
    Route(method="POST", path="/api/users", handler=users.add_user, takes=users.NewUser, gives=User, status=201,
          role="admin", does="Let somebody else log in.",
          problems=("user_exists", "weak_password", "database_unreachable", "audit_unavailable")),
    Route(method="PUT", path="/api/users/{name}", handler=users.change_user, takes=users.UserChange, gives=User,
          role="admin", does="Give a user another role or password; what is left out stays as it is.",
          problems=("user_unknown", "last_admin", "weak_password", "database_unreachable", "audit_unavailable")),
    Route(method="DELETE", path="/api/users/{name}", handler=users.remove_user, takes=Nothing, gives=None, status=204,
          role="admin", does="Let a user not log in any more; their API tokens end too.",
          problems=("user_unknown", "last_admin", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/tokens", handler=tokens.list_tokens, takes=Nothing, gives=tokens.TokenList,
          role="admin", does="The API tokens of programs, by name, also those that have ended.",
          problems=("database_unreachable",)),
    Route(method="POST", path="/api/tokens", handler=tokens.add_token, takes=tokens.NewToken, gives=tokens.MadeToken,
          status=201, role="admin", does="Make an API token. Only this answer shows it.",
          problems=("token_exists", "database_unreachable", "audit_unavailable")),
    Route(method="DELETE", path="/api/tokens/{name}", handler=tokens.remove_token, takes=Nothing, gives=None,
          status=204, role="admin", does="End an API token, and its event streams.",
          problems=("token_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/audit", handler=audit.list_audit, takes=Page, gives=audit.AuditList,
          role="admin", does="Who changed what, newest first.", problems=("database_unreachable",)),
))  # fmt: skip
