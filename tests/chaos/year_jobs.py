"""Runs of jobs in a year: some are killed in the middle, and what each writes on the servers is counted."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from services.workers.access.wording import WAITS
from services.workers.door import JobFailed, Result
from tests.chaos.year_people import Diary
from tests.chaos.year_places import Seat
from tests.simulators.base import Simulator
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.records import Change
from tests.support.office import APPLY, Office
from tests.support.recorded import RecordedRun

READS, CHANGES = "*", ("POST", "PUT", "DELETE")


class Writes:
    """What the journals of the servers tell, by the run that was at it, and by the account that it befell."""

    def __init__(self, simulators: Sequence[Simulator]) -> None:
        self.of: dict[tuple[UUID | None, Seat], list[str]] = defaultdict(list)
        self._simulators = simulators
        self._read: Counter[int] = Counter()
        self._run: UUID | None = None

    def turn(self, run: UUID | None) -> None:
        """All that has been written until now belongs to the run before; what comes is of this one."""
        for index, simulator in enumerate(self._simulators):
            for change in simulator.journal.changes[self._read[index] :]:
                self.of[self._run, _seat(simulator, change)].append(change.what)
                self._read[index] += 1
        self._run = run


class Jobs:
    """Runs the jobs. `cut`: the runs that were killed or have failed: they may have left a change in the middle."""

    def __init__(self, office: Office, diary: Diary, chance: Random) -> None:
        self._office = office
        self._diary = diary
        self._chance = chance
        self._dead: dict[str, RecordedRun] = {}
        self.writes = Writes(office.simulators)
        self.cut: set[UUID] = set()
        self.waiting: set[str] = set()
        """The jobs that have told of something that waits for approval."""
        self.kills = self.failures = self.holds = 0

    async def run(self, name: str, *, mortal: bool = False, **params: Any) -> tuple[RecordedRun, Result | None]:
        """Run a job; no result if it failed, or (only a `mortal` one) was killed.

        A run that was killed before is gone on with first, or given up.
        """
        dead = self._dead.pop(name, None)
        if dead is not None and self._chance.random() < 0.7:
            await self._attempt(_again(dead))
        run = RecordedRun(name, **params)
        result = await self._attempt(run, mortal=mortal)
        if name in self._dead and self._chance.random() < 0.5:
            result = await self._attempt(_again(self._dead.pop(name)))
        return run, result

    async def _attempt(self, run: RecordedRun, *, mortal: bool = False) -> Result | None:
        self.writes.turn(run.id)
        handler = asyncio.ensure_future(self._office.town.handler(run.job)(run))
        killed = mortal and run.job in APPLY and await self._kill(handler, run.job)
        try:
            result = await handler
        except JobFailed as failure:
            self.failures += 1
            self._diary.tell(f"{run.job} {run.id} failed: {failure.message}")
        except asyncio.CancelledError:
            if not killed:
                raise
            self.kills += 1
            self._dead[run.job] = run
            self._diary.tell(f"{run.job} {run.id} was killed")
        else:
            self._note_waiting(run, result)
            return result
        self.cut.add(run.id)
        return None

    def _note_waiting(self, run: RecordedRun, result: Result) -> None:
        if result.outcome == "held":
            self.holds += 1
            self._diary.tell(f"{run.job} {run.id}: {result.summary}")
        if WAITS in result.summary:
            self.waiting.add(run.job)

    async def _kill(self, handler: asyncio.Future[Result], job: str) -> bool:
        """Kill a run as soon as a server has got a certain request of it, which the server answers nevertheless."""
        plextv, *others = self._office.simulators
        of_plex = (plextv, *others[: len(self._office.town.outside.plex)])
        simulator = self._chance.choice(of_plex if job == APPLY[0] else others[len(of_plex) - 1 :])
        method = self._chance.choice([READS, *CHANGES]) if simulator is plextv else self._chance.choice((READS, "POST"))
        after = self._chance.randrange(8 if method == READS else 2)
        arrival = asyncio.ensure_future(simulator.requests.reach(simulator.requests.count(method) + after + 1, method))
        simulator.faults.hold("/**", method=method, after=after, times=1)
        both: set[asyncio.Future[Any]] = {handler, arrival}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        arrival.cancel()
        handler.cancel()
        simulator.faults.clear()
        return True


def _again(run: RecordedRun) -> RecordedRun:
    return RecordedRun(run.job, again=run, approves=run.approves, **run.params)


def _seat(simulator: Simulator, change: Change) -> Seat:
    server = simulator.state.server.identifier if isinstance(simulator, JellyfinServer) else change.detail
    return Seat(server, change.subject)
