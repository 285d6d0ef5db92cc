"""The services of a storm: each a process of its own with links and a clock of its own, replaced when it is gone."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from services.cli.embedded.postgres import PORT as POSTGRES_PORT
from tests.support.gateways import PASSWORD
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats, BreakablePostgres, postgres_at
from tests.support.waiting import wait_until

from .clocks import Clock
from .journal import Journal
from .links import Link, tcp, unix
from .weather import SERVERS

SERVICE = ("-m", "services.cli")
PROGRAMS: dict[str, tuple[str, ...]] = {
    "gateway": (*SERVICE, "gateway"),
    "scheduler": (*SERVICE, "scheduler"),
    "worker": ("-m", "tests.chaos.storm.worker_program"),
    "mail": (*SERVICE, "worker", "mail"),
    "access": (*SERVICE, "worker", "access"),
}
TALKS_TO = {"scheduler": ("nats",), "worker": ("nats",)}
SERVICES = {
    f"{program}-{number}": TALKS_TO.get(program, SERVERS) for program in PROGRAMS for number in (1, 2)
}  # and the servers to which each talks
READY = {"gateway": r"gateway_ready.*port=(\d+)", "scheduler": r"leading|waiting_for_the_lead", "": r"worker_ready"}

SUPERVISOR_LOOKS_S = 0.2
SUPERVISOR_WAITS_S = 1.0
STOP_WITHIN_S, READY_WITHIN_S = 60.0, 60.0
LAST_WORDS = 2000  # characters of a service's output in a failure's message


class Berth:
    """One place for a service. Whoever hurts what is in it holds `lock`."""

    def __init__(
        self, name: str, command: tuple[str, ...], *, env: Mapping[str, str], links: dict[str, Link], clock: Clock
    ) -> None:
        self.name = name
        self.links = links
        self.clock = clock
        self.lock = asyncio.Lock()
        self.port = 0
        self._command = command
        self._env = env
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, f"{self.name} was not started"
        return self._process

    def launch(self, processes: Processes) -> None:
        """Start the service; a gateway comes back at the port that it had."""
        env = {**self._env, **self.clock.env, "SHOWRUNNER_PORT": str(self.port)}
        self._process = processes.python(*self._command, env=env)

    async def ready(self) -> None:
        """Wait until whatever process is there says that it is ready."""
        word = READY.get(self.name.partition("-")[0], READY[""])

        def said() -> re.Match[str] | None:
            text = self.process.text
            assert self.process.status is None, f"it has ended: {text[-LAST_WORDS:]}"
            return re.search(word, text)

        found = await wait_until(said, READY_WITHIN_S, what=f"{self.name} to be ready")
        if found.re.groups:
            self.port = int(found[1])


class Fleet:
    """Both servers, and two of each service. `losses` tells of services that ended without anybody's doing.

    While `nats_is_full`, a service that can't begin may end and say why: its supervisor starts it again.
    """

    def __init__(
        self, folder: Path, nats: BreakableNats, postgres: BreakablePostgres, berths: list[Berth], journal: Journal
    ) -> None:
        self.nats = nats
        self.postgres = postgres
        self.berths = {berth.name: berth for berth in berths}
        self.server_locks = {name: asyncio.Lock() for name in SERVERS}
        self.nats_is_full = False
        self.losses: list[str] = []
        self._journal = journal
        self._processes = Processes(folder)

    def of(self, program: str) -> list[Berth]:
        """The berths of one program."""
        return [berth for name, berth in self.berths.items() if name.startswith(program)]

    def launch(self, berth: Berth) -> None:
        """Start the service of a berth."""
        berth.launch(self._processes)
        self._journal.note(f"{berth.name} starts as {berth.process.pid}, and writes {berth.process.output.name}")

    async def launch_all(self) -> None:
        """Start all services, and wait until they are ready."""
        for berth in self.berths.values():
            self.launch(berth)
        await self.all_run()

    async def replace(self, berth: Berth) -> None:
        """SIGTERM, and another in its place as soon as it has ended: one step of a rolling upgrade."""
        await self.stop(berth)
        self.launch(berth)

    async def stop(self, berth: Berth) -> None:
        """SIGTERM, and wait; whoever does not end well is a loss, unless it had not even begun to listen to signals."""
        process = berth.process
        has_begun = bool(process.text)
        process.signal(signal.SIGTERM)
        status = await process.ended(STOP_WITHIN_S)
        if status != 0 and (has_begun or status != -signal.SIGTERM):
            self._lost(berth, f"was told to stop, and ended with status {status}")

    async def watch(self) -> None:
        """Start again what has ended by itself, for ever, as a supervisor does."""
        while True:
            await asyncio.sleep(SUPERVISOR_LOOKS_S)
            ended = [one for one in self.berths.values() if one.process.status is not None and not one.lock.locked()]
            for berth in ended:
                async with berth.lock:
                    if berth.process.status is not None:
                        self._lost(berth, f"ended by itself with status {berth.process.status}")
                        await asyncio.sleep(SUPERVISOR_WAITS_S)
                        self.launch(berth)

    async def all_run(self) -> None:
        """Wait until every service that is there has said that it is ready."""
        for berth in self.berths.values():
            await berth.ready()

    async def dismiss(self, program: str) -> None:
        """Stop all services of a program, and start none of them any more."""
        for berth in self.of(program):
            async with berth.lock:
                await self.stop(berth)
                del self.berths[berth.name]

    def end_all(self) -> None:
        self._processes.end_all()

    def _lost(self, berth: Berth, how: str) -> None:
        words = berth.process.text.strip().splitlines()
        told = f"{berth.name} {how} ({berth.process.output.name}): {words[-1] if words else 'no word'}"
        self._journal.note(told)
        if not self.nats_is_full:
            self.losses.append(told)


@asynccontextmanager
async def open_fleet(
    folder: Path, nats: BreakableNats, postgres: BreakablePostgres, sink: str, journal: Journal
) -> AsyncIterator[Fleet]:
    """The links of all services, and no service yet; all that is started ends with the block."""
    far_ends = {
        "nats": tcp("127.0.0.1", lambda: nats.port),
        "postgres": unix(str(postgres.home / f".s.PGSQL.{POSTGRES_PORT}")),
    }
    async with AsyncExitStack() as stack:
        berths = []
        for name in SERVICES:
            links = {server: Link(far_end) for server, far_end in far_ends.items()}
            for link in links.values():
                await stack.enter_async_context(link.listening())
            program = name.partition("-")[0]
            command = (*PROGRAMS[program], sink) if program == "worker" else PROGRAMS[program]
            env, clock = _env(folder, nats.url, links), Clock(folder / f"{name}.clock")
            berths.append(Berth(name, command, env=env, links=links, clock=clock))
        fleet = Fleet(folder, nats, postgres, berths, journal)
        try:
            yield fleet
        finally:
            fleet.end_all()


def _env(folder: Path, nats_url: str, links: Mapping[str, Link]) -> dict[str, str]:
    nats = urlsplit(nats_url)
    near = nats._replace(netloc=f"{nats.username}:{nats.password}@127.0.0.1:{links['nats'].port}")
    return {
        "SHOWRUNNER_NATS_URL": urlunsplit(near),
        "SHOWRUNNER_DATABASE_URL": postgres_at(links["postgres"].port),
        "SHOWRUNNER_KEY_FILE": str(folder / "key"),
        "SHOWRUNNER_ADMIN_PASSWORD": PASSWORD,
        "SHOWRUNNER_ACK_WAIT_S": "2",
        "SHOWRUNNER_DRAIN_S": "5",
    }
