"""`runs`, `changes` and `logs`: what has been done, and what was said while it was."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import datetime

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE
from services.cli.terminal.styles import RUN
from services.cli.terminal.tables import Cell, Column, Row
from services.cli.terminal.times import duration, relative
from shared.runtime.clock import utc_now

from .answers import Changes, Log, Run, Runs
from .api import part
from .asking import Asking, remote
from .following import run_events, show_line, tell_end
from .moments import ago
from .naming import run_id, short
from .running import run_argument

OUTCOMES = ("succeeded", "failed", "skipped", "cancelled", "held")
STATES = ("queued", "running", "retrying", "finished")
TRIGGERS = ("slot", "manual", "retry")
LARGEST_PAGE = 1000
_COLUMNS = (
    Column("run"),
    Column("job", least=10),
    Column("state"),
    Column("when"),
    Column("took", right=True),
    Column("by"),
    Column("summary", least=16),
)
_CHANGES = (Column("", right=True), Column("action"), Column("target", 12), Column("state"), Column("why", 12))


def page_size(text: str) -> int:
    """How many of a list: 1 to 1000."""
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {LARGEST_PAGE}")
    return int(text)


def _runs_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("job", nargs="?", metavar="JOB", help="only runs of this job")
    parser.add_argument("--category", metavar="CATEGORY", help="only of jobs of this category")
    parser.add_argument("--outcome", choices=OUTCOMES, metavar="OUTCOME", help=f"only {', '.join(OUTCOMES)}")
    parser.add_argument("--state", choices=STATES, metavar="STATE", help=f"only {', '.join(STATES)}")
    parser.add_argument("--trigger", choices=TRIGGERS, metavar="TRIGGER", help=f"only {', '.join(TRIGGERS)}")
    parser.add_argument("--since", metavar="WHEN", help="due since: 2h or 3d ago, or a moment such as 2030-01-31T18:00")
    parser.add_argument("--until", metavar="WHEN", help="due before: the same")
    parser.add_argument("-l", "--limit", type=page_size, default=20, metavar="N", help="at most so many (20)")


def _logs_arguments(parser: ArgumentParser) -> None:
    run_argument(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="until the run ends")


async def _runs(asking: Asking) -> int:
    answer = await asking.api.get("/api/runs", **_filter(asking.words))
    screen, found, now = asking.screen, msgspec.json.decode(answer, type=Runs), utc_now()
    if not found.runs:
        await _insist_on_job(asking)
    if screen.json:
        screen.document(answer)
        return DONE
    screen.table(_COLUMNS, [_row(run, now) for run in found.runs])
    if not found.runs:
        screen.say("No run fits.", "faint")
    if found.next:
        screen.say(f"There are older ones: --limit shows more than {asking.words.limit}.", "faint")
    return DONE


async def _changes(asking: Asking) -> int:
    screen, id = asking.screen, await run_id(asking.api, asking.words.run)
    answer = await asking.api.get(f"/api/runs/{id}/changes", limit=LARGEST_PAGE)
    if screen.json:
        screen.document(answer)
        return DONE
    found = msgspec.json.decode(answer, type=Changes)
    screen.table(
        _CHANGES,
        [
            (f"{change.number}", change.action, change.target, change.state, change.detail or change.why)
            for change in found.changes
        ],
    )
    if not found.changes:
        screen.say(f"Run {short(id)} planned nothing.", "faint")
    if found.next:
        screen.say(f"These are the first {LARGEST_PAGE}; the page and the API have the rest.", "faint")
    return DONE


async def _logs(asking: Asking) -> int:
    screen, id = asking.screen, await run_id(asking.api, asking.words.run)
    if asking.words.follow:
        async for event in run_events(asking.api, id):
            if event.name == "log":
                show_line(screen, event.data)
        tell_end(screen, await asking.api.read(Run, f"/api/runs/{id}"))
        return DONE
    lines: list[msgspec.Raw] = []
    after: str | None = None
    while True:
        answer = await asking.api.get(f"/api/runs/{id}/log", limit=LARGEST_PAGE, after=after)
        page = msgspec.json.decode(answer, type=dict[str, msgspec.Raw])
        lines += msgspec.json.decode(page["lines"], type=list[msgspec.Raw])
        after = msgspec.json.decode(answer, type=Log).next
        if after is None:
            break
    if screen.json:
        screen.document(msgspec.json.encode({"lines": lines}))
        return DONE
    for line in lines:
        show_line(screen, bytes(line))
    if not lines:
        screen.say(f"Run {short(id)} has said nothing.", "faint")
    return DONE


async def _insist_on_job(asking: Asking) -> None:
    """Missing: there are no runs because there is no such job."""
    if name := asking.words.job:
        await asking.api.get(f"/api/jobs/{part(name)}")


def _filter(words: Namespace) -> dict[str, object]:
    now = utc_now()
    return {
        "job": words.job,
        "category": words.category,
        "outcome": words.outcome,
        "state": words.state,
        "trigger": words.trigger,
        "since": ago("--since", words.since, now),
        "until": ago("--until", words.until, now),
        "limit": words.limit,
    }


def _row(run: Run, now: datetime) -> Row:
    state = run.outcome or run.state
    if run.progress is not None and run.state == "running":
        state += f" {run.progress:.0%}"
    summary = run.summary or (run.error.message if run.error else run.note)
    return (
        short(run.id),
        run.job,
        Cell(state, RUN.get(run.outcome or run.state, "")),
        relative(run.finished_at or run.started_at or run.fired_at or run.due_at, now),
        duration(run.duration_ms),
        run.asked_by or run.trigger or "",
        ("(dry run) " if run.dry_run else "") + summary,
    )


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("runs", "list runs, the newest first", _runs, _runs_arguments),
        remote("changes", "list what a run meant to change, and what became of it", _changes, run_argument),
        remote("logs", "show a run's log", _logs, _logs_arguments),
    )
