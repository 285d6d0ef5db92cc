"""`jobs` and `job`: what there is to run, how it went, and when it is due."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE
from services.cli.terminal.screen import Screen
from services.cli.terminal.styles import OUTCOME, STATUS
from services.cli.terminal.tables import Cell, Column, Row
from services.cli.terminal.times import both, relative
from shared.runtime.clock import utc_now

from .answers import Job, Jobs, Parameter, Scheduler
from .api import part
from .asking import Asking, remote
from .naming import short

COLUMNS = (
    Column("job", least=16),
    Column("status"),
    Column("last run"),
    Column("when"),
    Column("next"),
    Column("schedule", least=10),
)
STATUSES = ("disabled", "running", "queued", "paused", "error", "idle")


def _jobs_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar="TEXT", help="only jobs in whose name or description it is found")
    parser.add_argument("--category", metavar="CATEGORY", help="only jobs of this category")
    parser.add_argument("--status", choices=STATUSES, metavar="STATUS", help=f"only {', '.join(STATUSES)}")
    parser.add_argument("-a", "--all", action="store_true", help="also jobs that are rarely looked at")


async def _jobs(asking: Asking) -> int:
    words, screen = asking.words, asking.screen
    answer = await asking.api.get(
        "/api/jobs", text=words.text, category=words.category, status=words.status, advanced=words.all or None
    )
    if screen.json:
        screen.document(answer)
        return DONE
    found = msgspec.json.decode(answer, type=Jobs)
    screen.table(COLUMNS, job_rows(found.jobs, utc_now()))
    if not found.jobs:
        screen.say("No job fits. `showrunner jobs --all` lists every one.", "faint")
    warn_of(screen, found.scheduler)
    return DONE


async def _job(asking: Asking) -> int:
    answer = await asking.api.get(f"/api/jobs/{part(asking.words.name)}")
    show_job(asking.screen, answer)
    return DONE


def show_job(screen: Screen, answer: bytes) -> None:
    """A job with all that is known of it."""
    if screen.json:
        screen.document(answer)
        return
    job, now = msgspec.json.decode(answer, type=Job), utc_now()
    screen.line(screen.paint(job.name, "strong"))
    # Pages show what stands between asterisks in bold.
    screen.say(f"{job.title}: {job.description.replace('**', '')}")
    screen.facts(
        {
            "Status": _status(job, now),
            "Schedule": _schedule(job),
            "Next run": both(job.next_run_at, now),
            "Last run": _last(job, now),
            "Error": Cell(f"{job.last_error.message} ({relative(job.last_error.at, now)})" if job.last_error else "",
                          "bad"),
            "Runs": f"{job.run_count:,}",
            "Category": job.category,
            "Can": ", ".join(["run", *(["dry run"] if job.dry_run else []), *(["undo"] if job.undo else [])]),
            "Parameters": "; ".join(_parameter(parameter) for parameter in job.parameters),
            "Needs": "; ".join(f"{need.what}: {need.hint}" for need in job.needs if need.met is False),
        }
    )  # fmt: skip


def job_rows(jobs: Sequence[Job], now: datetime) -> list[Row]:
    """A line of the table a job."""
    return [
        (
            job.name,
            Cell(_state(job), STATUS.get(job.status, "")),
            Cell(job.last_run.outcome, OUTCOME.get(job.last_run.outcome, "")) if job.last_run else "–",
            relative(job.last_run.finished_at, now) if job.last_run else "–",
            relative(job.next_run_at, now),
            job.schedule.words if job.schedule.timezone else f"every {job.schedule.value}",
        )
        for job in jobs
    ]


def warn_of(screen: Screen, scheduler: Scheduler) -> None:
    """Say so when nobody schedules."""
    if scheduler.state != "leading":
        screen.say(scheduler.detail or f"The scheduler is {scheduler.state}.", "warn")


def _state(job: Job) -> str:
    if job.running and job.running.progress is not None:
        return f"{job.status} {job.running.progress:.0%}"
    return job.status


def _status(job: Job, now: datetime) -> Cell:
    text = _state(job)
    if job.status == "paused" and job.paused_until:
        text += f" until {both(job.paused_until, now)}"
    if job.running and job.running.note:
        text += f": {job.running.note}"
    return Cell(f"{text} – {job.reason}" if job.reason else text, STATUS.get(job.status, ""))


def _schedule(job: Job) -> str:
    schedule = job.schedule
    zone = f", {schedule.timezone}" if schedule.timezone else ""
    return f"{schedule.words} ({schedule.value}{zone})" + (", changed by hand" if schedule.overridden else "")


def _last(job: Job, now: datetime) -> Cell:
    if job.last_run is None:
        return Cell("never")
    last = job.last_run
    summary = f": {last.summary}" if last.summary else ""
    text = f"{last.outcome}{summary}, {relative(last.finished_at, now)}, run {short(last.id)}"
    return Cell(text, OUTCOME.get(last.outcome, ""))


def _parameter(parameter: Parameter) -> str:
    kind = " | ".join(parameter.choices) or parameter.kind
    notes = "required" if parameter.required else "" if parameter.default is None else f"else {parameter.default}"
    return f"{parameter.name} ({kind}{', ' + notes if notes else ''}): {parameter.title}"


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("jobs", "list the jobs", _jobs, _jobs_arguments),
        remote("job", "show one job", _job, name_argument),
    )


def name_argument(parser: ArgumentParser) -> None:
    """The job that is meant."""
    parser.add_argument("name", metavar="JOB", help="the job's name, such as sync_plex")
