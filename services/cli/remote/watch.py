"""`watch`: all jobs, live. A screen that is drawn anew, or, without a terminal, a line for each thing that happens."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE
from services.cli.terminal.letters import clean, counted
from services.cli.terminal.screen import Screen
from services.cli.terminal.styles import OUTCOME
from services.cli.terminal.tables import table
from services.cli.terminal.times import clock
from shared.runtime.clock import utc_now

from .answers import Job, Jobs, Run, Scheduler
from .api import Api
from .asking import Asking, remote
from .errors import RemoteError
from .events import Event, follow
from .following import lost
from .jobs import COLUMNS, job_rows
from .naming import short

DRAW_S = 0.5  # seconds between two pictures; relative times go on even when nothing happens
_ORDER = ("running", "queued", "error", "paused", "idle", "disabled")
_OTHER_SCREEN, _BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"


class Board:
    """The jobs as the events tell them."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.scheduler = Scheduler(state="unknown")
        self.trouble = ""

    def apply(self, event: Event) -> None:
        """What an event says; one that a newer gateway has invented is passed over."""
        self.trouble = ""
        if event.name == "snapshot":
            found = msgspec.json.decode(event.data, type=Jobs)
            self.jobs = {job.name: job for job in found.jobs}
            self.scheduler = found.scheduler
        elif event.name == "job":
            job = msgspec.json.decode(event.data, type=Job)
            self.jobs[job.name] = job
        elif event.name == "removed":
            self.jobs.pop(msgspec.json.decode(event.data)["name"], None)
        elif event.name == "scheduler":
            self.scheduler = msgspec.json.decode(event.data, type=Scheduler)

    def in_order(self) -> list[Job]:
        """What is under way first, then what needs a look."""
        return sorted(self.jobs.values(), key=lambda job: (_place(job.status), job.name))


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--lines", action="store_true", help="a line for each thing that happens, even in a terminal")


async def _watch(asking: Asking) -> int:
    screen = asking.screen
    if screen.json or asking.words.lines or not screen.is_terminal:
        async for event in follow(asking.api, "/api/jobs/sse", lost):
            _tell(screen, event)
        return DONE
    board = Board()
    with _other_screen(screen):
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(_hear(asking.api, board))
                loops.create_task(_draw(screen, board, asking.api.url))
        except* RemoteError as group:
            raise group.exceptions[0] from None
    return DONE


async def _hear(api: Api, board: Board) -> None:
    def trouble(reason: str) -> None:
        board.trouble = f"{reason}; trying again"

    async for event in follow(api, "/api/jobs/sse", trouble):
        board.apply(event)


async def _draw(screen: Screen, board: Board, url: str) -> None:
    while True:
        lines = picture(board, url, utc_now(), screen.room or 80, screen.height, colours=screen.colours)
        screen.stream.write(_HOME + f"{_REST_OF_LINE}\r\n".join(lines) + _REST_OF_LINE + _REST)
        screen.stream.flush()
        await asyncio.sleep(DRAW_S)


def picture(board: Board, url: str, now: datetime, room: int, height: int, *, colours: bool) -> list[str]:
    """The lines of one picture, at most `height` of them."""
    jobs = board.in_order()
    head = f"Showrunner at {url}   {counted(len(jobs), 'job')}   scheduler {board.scheduler.state}   {clock(now)}"
    lines = table(COLUMNS, job_rows(jobs, now), room, colours=colours)
    space = height - 3
    if len(lines) > space:
        left_out = len(lines) - space + 1
        lines = [*lines[: space - 1], f"… and {left_out} more; `showrunner jobs` lists all"]
    return [head[:room], "", *lines, (board.trouble or "Ctrl-C ends this.")[:room]]


def _tell(screen: Screen, event: Event) -> None:
    """One event as a line: for programs as it came, for people what they need of it."""
    if screen.json:
        screen.json_line(b'{"event":%b,"data":%b}' % (msgspec.json.encode(event.name), event.data))
        return
    now = clock(utc_now())
    if event.name == "run":
        run = msgspec.json.decode(event.data, type=Run)
        what = run.outcome or run.state
        progress = f" {run.progress:.0%}" if run.progress is not None and run.state == "running" else ""
        summary = run.summary or (run.error.message if run.error else run.note)
        said = screen.paint(what + progress, OUTCOME.get(what, "busy"))
        rest = f": {summary}" if summary else ""
        screen.line(f"{now}  {run.job} {said}{clean(rest)}  ({short(run.id)})")
    elif event.name == "scheduler":
        scheduler = msgspec.json.decode(event.data, type=Scheduler)
        screen.line(f"{now}  scheduler {scheduler.state} {scheduler.detail}".rstrip())


@contextmanager
def _other_screen(screen: Screen) -> Iterator[None]:
    """A terminal's second screen without its cursor; what was on the first is there again afterwards."""
    screen.stream.write(_OTHER_SCREEN)
    try:
        yield
    finally:
        screen.stream.write(_BACK)
        screen.stream.flush()


def _place(status: str) -> int:
    return _ORDER.index(status) if status in _ORDER else len(_ORDER)


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (remote("watch", "watch all jobs, live", _watch, _arguments),)
