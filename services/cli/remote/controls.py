"""`pause`, `resume`, `enable`, `disable` and `interval`: what people decide about a job."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE
from services.cli.terminal.times import absolute, relative
from shared.runtime.clock import utc_now

from .answers import Job
from .api import part
from .asking import Asking, remote
from .jobs import name_argument
from .moments import ahead


def _pause_arguments(parser: ArgumentParser) -> None:
    name_argument(parser)
    parser.add_argument("--until", metavar="WHEN", help="2h, 3d, or a moment such as 2030-01-31T18:00; else it lasts")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for others to read")


def _disable_arguments(parser: ArgumentParser) -> None:
    name_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for others to read")


def _interval_arguments(parser: ArgumentParser) -> None:
    name_argument(parser)
    parser.add_argument("interval", metavar="INTERVAL", help="30s, 5m, 1h or 1d; `default` is the job's own schedule")


async def _pause(asking: Asking) -> int:
    words = asking.words
    end = ahead("--until", words.until, utc_now())
    return await _decided(asking, "pause", until=end, reason=words.reason)


async def _disable(asking: Asking) -> int:
    return await _decided(asking, "disable", reason=asking.words.reason)


async def _resume(asking: Asking) -> int:
    return await _decided(asking, "resume")


async def _enable(asking: Asking) -> int:
    return await _decided(asking, "enable")


async def _interval(asking: Asking) -> int:
    path = f"/api/jobs/{part(asking.words.name)}/schedule"
    if asking.words.interval == "default":
        return _told(asking, await asking.api.delete(path))
    return _told(asking, await asking.api.put(path, interval=asking.words.interval))


async def _decided(asking: Asking, verb: str, **body: object) -> int:
    return _told(asking, await asking.api.post(f"/api/jobs/{part(asking.words.name)}/{verb}", **body))


def _told(asking: Asking, answer: bytes) -> int:
    """Say how the job stands now."""
    screen = asking.screen
    if screen.json:
        screen.document(answer)
        return DONE
    job, now = msgspec.json.decode(answer, type=Job), utc_now()
    screen.say(f"{job.name} is {standing(job, now)}.")
    return DONE


def standing(job: Job, now: datetime) -> str:
    """What was decided about a job; that a run of it is under way is not in its way."""
    if job.status == "disabled":
        return "disabled: it has no next run, and can't be run by hand"
    if job.paused:
        end = absolute(job.paused_until) if job.paused_until else "somebody resumes it"
        return f"paused until {end}; it can still be run by hand"
    words = job.schedule.words
    return f"on schedule: {words[0].lower()}{words[1:]}, next run {relative(job.next_run_at, now)}"


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("pause", "take a job off its schedule", _pause, _pause_arguments),
        remote("resume", "end a job's pause", _resume, name_argument),
        remote("enable", "let a job run again", _enable, name_argument),
        remote("disable", "let a job not run at all", _disable, _disable_arguments),
        remote("interval", "give a job another interval", _interval, _interval_arguments),
    )
