"""Following one run until it ends: a progress line for people, its log, and the exit status that its outcome gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from services.cli.exits import DONE, FAILED
from services.cli.terminal.bars import bar
from services.cli.terminal.letters import clean
from services.cli.terminal.screen import Screen, complain
from services.cli.terminal.styles import LEVEL, OUTCOME
from services.cli.terminal.times import clock, duration

from .answers import LogLine, Run
from .api import Api
from .errors import Missing, NotReachable
from .events import Event, follow
from .naming import short

APPEARS_WITHIN = 30.0  # seconds; the database may be behind
LOOK_S = 0.2


async def appeared(api: Api, id: str) -> None:
    """Wait until the API shows a run that was asked for just now. NotReachable: it does not in time."""
    try:
        async with asyncio.timeout(APPEARS_WITHIN):
            while True:
                try:
                    await api.get(f"/api/runs/{id}")
                    return
                except Missing:
                    await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise NotReachable(f"run {id} was started, but does not show yet: look again with `showrunner logs`") from None


async def run_events(api: Api, id: str) -> AsyncIterator[Event]:
    """`run` and `log` events of a run, until it has finished."""
    async for event in follow(api, f"/api/runs/{id}/sse", lost):
        yield event
        if event.name == "run" and msgspec.json.decode(event.data, type=Run).state == "finished":
            return


async def until_finished(api: Api, screen: Screen, id: str, *, log: bool) -> Run:
    """The finished run. On the way its progress is shown to people, and with `log` its lines."""
    bar_shown, progress = screen.is_terminal and not screen.json, ""
    try:
        async for event in run_events(api, id):
            if event.name == "log":
                if bar_shown and log:
                    screen.wipe()
                if log:
                    show_line(screen, event.data)
            elif event.name == "run":
                run = msgspec.json.decode(event.data, type=Run)
                if run.state == "finished":
                    return run
                progress = _progress(run, screen.room or 80)
            if bar_shown and progress:
                screen.rewrite(progress)
    finally:
        if bar_shown:
            screen.wipe()
    raise AssertionError("a stream of events ends only with the run's end")


def show_line(screen: Screen, data: bytes) -> None:
    """A line of a log."""
    if screen.json:
        screen.json_line(data)
        return
    line = msgspec.json.decode(data, type=LogLine)
    text = f"{screen.paint(clock(line.at), 'faint')}  "
    if line.level != "info":
        text += screen.paint(f"{line.level}: ", LEVEL.get(line.level, ""))
    screen.line(text + clean(line.text))


def tell_end(screen: Screen, run: Run) -> None:
    """How a run ended, in a sentence."""
    summary = run.summary or (run.error.message if run.error else "")
    took = f" ({duration(run.duration_ms)})" if run.duration_ms is not None else ""
    text = f"{run.job} {run.outcome}{f': {summary}' if summary else ''}{took}, run {short(run.id)}"
    screen.say(text, OUTCOME.get(run.outcome or "", ""))
    if run.outcome == "held":
        screen.say(f"See what it would do with `showrunner changes {short(run.id)}`; `showrunner approve "
                   f"{short(run.id)}` lets it.")  # fmt: skip


def status_of(run: Run) -> int:
    """The exit status of a finished run: done is only what succeeded."""
    return DONE if run.outcome == "succeeded" else FAILED


def lost(reason: str) -> None:
    """Tell people that a stream is opened anew."""
    complain(f"{reason}; trying again")


def _progress(run: Run, room: int) -> str:
    return bar(run.progress, run.note or run.state, room - 1) if run.state == "running" else run.state
