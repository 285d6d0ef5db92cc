"""Showrunner's services as processes of their own, as in production."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.contracts import codec
from shared.contracts.specs import Spec
from tests.support.gateways import PASSWORD, Person
from tests.support.handlers import OFTEN_MS
from tests.support.processes import Process, Processes


class Programs:
    """Starts schedulers, workers and gateways beside one NATS and one Postgres."""

    def __init__(
        self, processes: Processes, folder: Path, nats_url: str, database_url: str, *, replicas: int = 1
    ) -> None:
        self._processes = processes
        self._folder = folder
        self._env = {
            "SHOWRUNNER_NATS_URL": nats_url,
            "SHOWRUNNER_DATABASE_URL": database_url,
            "SHOWRUNNER_KEY_FILE": str(folder / "key"),
            "SHOWRUNNER_ADMIN_PASSWORD": PASSWORD,
            "SHOWRUNNER_REPLICAS": str(replicas),
            "SHOWRUNNER_LEAST_INTERVAL_S": str(OFTEN_MS / 1000),
        }

    def scheduler(self) -> Process:
        return self._processes.python("-m", "services.cli", "scheduler", env=self._env)

    def gateway(self, port: int = 0) -> Process:
        """At a port of its own choosing, unless told."""
        return self._processes.python("-m", "services.cli", "gateway", env={**self._env, "SHOWRUNNER_PORT": str(port)})

    def worker(self, specs: Sequence[Spec], ack_wait_s: float = 2.0) -> Process:
        """A worker with the handlers of `tests.support.worker_program`."""
        file = self._folder / "specs.json"
        file.write_bytes(codec.encode(list(specs)))
        return self._processes.python("-m", "tests.support.worker_program", str(file), str(ack_wait_s), env=self._env)


async def leading(scheduler: Process) -> None:
    """Wait until this scheduler has taken the lead, and read what there is."""
    await scheduler.line("schedules_loaded")


async def person_at(gateway: Process) -> Person:
    """Somebody who knows this gateway's address."""
    port = (await gateway.line(r"gateway_ready.*port=(\d+)")).group(1)
    return Person(f"http://127.0.0.1:{port}")
