"""Jobs that do as a test bids them."""

from __future__ import annotations

import asyncio
from typing import Any

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Calendar, Interval, Need, Parameter, Schedule, Spec

HOUR = Interval(every_ms=3_600_000)


class Gate:
    """Where a run waits until a test lets it go on."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def linger(self, run: RunContext) -> Result:
        run.log("waiting at the gate")
        run.progress(0.4, "at the gate")
        await self.open.wait()
        return succeeded("went through")


def spec(name: str, title: str, schedule: Schedule = HOUR, **given: Any) -> Spec:
    return Spec(
        name=name, title=title, description=f"{title}, for a test.", category="sync", schedule=schedule, **given
    )


def household(gate: Gate) -> tuple[Job, ...]:
    """One job of each kind that the page shows in its own way."""
    return (
        Job(
            spec(
                "greet",
                "Greeting",
                parameters=(Parameter(name="who", title="Whom", kind="text"),),
                dry_run=True,
                min_interval_ms=10_000,
                needs=(Need(what="a Jellyfin server", hint="Add one."),),
            ),
            _greet,
        ),
        Job(spec("break", "Breaking", attempts=1), _fail),
        Job(spec("linger", "Lingering"), gate.linger),
        Job(
            spec("nightly", "Nightly", Calendar(expression="30 3 * * *", zone="Europe/Berlin"), editable=False), _greet
        ),
        Job(spec("mend", "Mending", advanced=True), _greet),
    )


async def _greet(run: RunContext) -> Result:
    run.log(f"hello {run.params.get('who', 'everybody')}")
    run.plan([Change(number=1, action="greet", target="everybody", why="politeness", after="greeted")])
    run.applied(1)
    return succeeded("greeted everybody")


async def _fail(run: RunContext) -> Result:
    raise JobFailed("broken", "It is broken, and this is why.", retry=False)
