"""Jobs that do as a test bids them: one of each kind that the page shows in its own way."""

from __future__ import annotations

import asyncio
from typing import Any

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Calendar, Interval, Need, Parameter, Schedule, Spec
from shared.runtime.clock import now_ms

HOUR_MS = 3_600_000
# All tests are over when it is due, whenever they begin: a run that nobody asked for would be in their way.
HOUR = Interval(every_ms=HOUR_MS, anchor_ms=now_ms() + HOUR_MS // 2)
BERLIN = "Europe/Berlin"
NIGHT = Calendar(expression="30 3 * * *", zone=BERLIN)


class Gate:
    """Where runs wait until a test lets them go on."""

    def __init__(self) -> None:
        self._open = asyncio.Event()

    def open(self) -> None:
        """Let all go on that wait, and all that come."""
        self._open.set()

    def close(self) -> None:
        """Let those wait that come from now on."""
        self._open.clear()

    async def linger(self, run: RunContext) -> Result:
        run.log("waiting at the gate")
        run.log("nobody has opened it yet", "warning")
        run.progress(0.4, "at the gate")
        await self._open.wait()
        return succeeded("went through")


def household(gate: Gate) -> tuple[Job, ...]:
    """What the worker of syncs does."""
    greeting = _spec(
        "greet",
        "Greeting",
        parameters=(Parameter(name="who", title="Whom", kind="text"),),
        dry_run=True,
        min_interval_ms=10_000,
        needs=(Need(what="a Jellyfin server", hint="Add one."),),
    )
    return (
        Job(greeting, _greet),
        Job(_spec("break", "Breaking", attempts=1), _fail),
        Job(_spec("crash", "Crashing", attempts=1), _crash),
        Job(_spec("stumble", "Stumbling", attempts=2, backoff_s=0.1), _stumble),
        Job(_spec("linger", "Lingering"), gate.linger),
        Job(_spec("nightly", "Nightly", NIGHT, editable=False, quiet=True, resources=("kitchen",)), _greet),
        Job(_spec("mend", "Mending", warning="\n**Not in the rain!**", advanced=True, paused=True), _changing),
    )


def neighbours() -> tuple[Job, ...]:
    """What somebody else's worker does. The last Sunday of March has no half past two."""
    spring = Calendar(expression="30 2 * 3 0", zone=BERLIN)
    return (
        Job(_spec("zones", "Zone transfer", category="dns"), _idle),
        Job(_spec("renew_all_records", "Resynchronization of the records", spring, category="dns"), _idle),
    )


def _spec(
    name: str, title: str, schedule: Schedule = HOUR, category: str = "sync", warning: str = "", **given: Any
) -> Spec:
    about = f"{title}, for a test. What it does beyond that takes some more words, as the descriptions of real jobs do."
    return Spec(name=name, title=title, description=about + warning, category=category, schedule=schedule, **given)


async def _idle(run: RunContext) -> Result:
    return succeeded()


async def _greet(run: RunContext) -> Result:
    run.log(f"hello {run.params.get('who', 'everybody')}")
    run.plan([Change(number=1, action="greet", target="everybody", why="politeness", after="greeted")])
    run.applied(1)
    return succeeded("greeted everybody")


async def _changing(run: RunContext) -> Result:
    before = {"item": "7", "jellyfin": {"count": 0, "played": False}}
    after = {"item": "7", "jellyfin": {"count": 1, "played": True}}
    run.plan([Change(number=1, action="imported to Jellyfin", target="a film", why="", before=before, after=after)])
    run.applied(1)
    return succeeded("mended")


async def _fail(run: RunContext) -> Result:
    raise JobFailed("broken", "It is broken, and this is why.", retry=False)


async def _stumble(run: RunContext) -> Result:
    if run.attempt == 1:
        raise JobFailed("stumbled", "It was not yet ready.")
    return succeeded("got up again")


async def _crash(run: RunContext) -> Result:
    raise ZeroDivisionError("nobody thought of this")
