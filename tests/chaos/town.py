"""The whole of Showrunner as processes, under load: what the chaos tests hurt, and how they find out who does what."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from shared.contracts.specs import Spec
from tests.support.handlers import every, spec
from tests.support.processes import Process, Processes
from tests.support.programs import Programs
from tests.support.waiting import wait_until

ACK_WAIT_S = 2.0


def load(quick: int, slow: int, flaky: int) -> list[Spec]:
    """Jobs that are due every second or two; runs that take seconds; runs that fail at first."""
    return [
        *(spec(f"quick_{number:03}", every(1000 + number % 11 * 100), attempts=9) for number in range(quick)),
        *(spec(f"slow_{number:03}", every(3000 + number % 7 * 100), attempts=9) for number in range(slow)),
        *(
            spec(f"flaky_{number:03}", every(2000 + number % 5 * 100), attempts=9, backoff_s=0.2, overlap="queue")
            for number in range(flaky)
        ),
    ]


class Town:
    """Two of each service, on a NATS and a Postgres. What is killed is replaced, as a supervisor does."""

    def __init__(
        self,
        processes: Processes,
        folder: Path,
        nats_url: str,
        database_url: str,
        specs: list[Spec],
        *,
        replicas: int = 1,
    ) -> None:
        self.specs = specs
        self.programs = Programs(processes, folder, nats_url, database_url, replicas=replicas)
        self.schedulers = [self.programs.scheduler() for _ in range(2)]
        self.workers = [self._worker() for _ in range(2)]
        self.gateways = [self.programs.gateway() for _ in range(2)]

    def _worker(self) -> Process:
        return self.programs.worker(self.specs, ACK_WAIT_S)

    async def ready(self) -> None:
        for worker in self.workers:
            await worker.line("worker_ready")
        for gateway in self.gateways:
            await gateway.line("gateway_ready", timeout=40)
        await self.standing_by()

    def assert_nobody_lost(self) -> None:
        """No service has ended by itself."""
        lost = [one for one in (*self.schedulers, *self.workers, *self.gateways) if one.status not in (None, 0)]
        assert not lost, f"{len(lost)} services ended by themselves; the first wrote:\n{lost[0].text[-4000:]}"

    async def standing_by(self) -> None:
        """Wait until one leads, and the others wait for the lead."""
        leader = await self.leader()
        for scheduler in self.schedulers:
            if scheduler is not leader:
                await scheduler.line("waiting_for_the_lead")

    async def leader(self) -> Process:
        """The scheduler that leads, by its own account."""
        return await self._one_that(self.schedulers, lambda one: last_word(one, _LEADS, _STANDS_BY))

    async def projector(self) -> Process:
        """The gateway that projects."""
        return await self._one_that(self.gateways, lambda one: last_word(one, r" projecting ", r"projector_restarts"))

    async def worker_named(self, name: str) -> Process:
        return await self._one_that(self.workers, lambda one: f"worker={name}" in one.text)

    async def kill_leader(self) -> None:
        leader = await self.leader()
        await leader.kill()
        self.schedulers.remove(leader)
        await self.leader()
        self.schedulers.append(self.programs.scheduler())
        await self.standing_by()

    async def kill_projector(self) -> None:
        gateway = await self.projector()
        await gateway.kill()
        self.gateways.remove(gateway)
        await self.projector()
        self.gateways.append(self.programs.gateway())

    async def kill_worker(self, worker: Process) -> None:
        await worker.kill()
        self.workers.remove(worker)
        self.workers.append(self._worker())
        await self.workers[-1].line("worker_ready")

    async def _one_that(self, programs: list[Process], test: Callable[[Process], bool]) -> Process:
        return await wait_until(
            lambda: next((one for one in programs if one.status is None and test(one)), None), 20, what="one of them"
        )


_LEADS = r"\] leading "
_STANDS_BY = r"standing_by|lead_interrupted|lead_lost"


def last_word(program: Process, said: str, unsaid: str) -> bool:
    """Whether it has said so, and has not taken it back since."""
    text = program.text
    yes = [match.start() for match in re.finditer(said, text)]
    no = [match.start() for match in re.finditer(unsaid, text)]
    return bool(yes) and yes[-1] > max(no, default=-1)
