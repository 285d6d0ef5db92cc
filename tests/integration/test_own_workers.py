"""The examples in Python, as the programs that they are: they use the one door, and nothing else."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.smtp_certificates import Authority
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats
from tests.support.strangers import (
    Beside,
    appears,
    beside_showrunner,
    has_ended,
    is_cancelled,
    is_taken_over,
    run_by_hand,
    run_when,
    runs_on_schedule,
)

CHECKOUT = Path(__file__).parents[2]


class TlsServer:
    """A server on `port` that says nothing, as one does that hangs, until it is told to show its certificate."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._held: list[asyncio.StreamWriter] = []

    async def listen(self, tls: ssl.SSLContext | None = None) -> None:
        async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._held.append(writer)

        self._server = await asyncio.start_server(hold, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self._held:
                writer.transport.abort()
            await self._server.wait_closed()

    async def recover(self, tls: ssl.SSLContext) -> None:
        await self.close()
        await self.listen(tls)


@asynccontextmanager
async def tls_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[TlsServer]:
    server = TlsServer()
    await server.listen(tls)
    try:
        yield server
    finally:
        await server.close()


@pytest.fixture
async def here(nats_server: BreakableNats, postgres: str, folder: Path, processes: Processes) -> AsyncIterator[Beside]:
    async with beside_showrunner(nats_server.url, postgres, folder, processes) as made:
        yield made


@pytest.fixture
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture
def trusted(authority: Authority, folder: Path) -> str:
    """The file that makes a program trust the authority."""
    (certificate,) = authority.trust().get_ca_certs(binary_form=True)
    file = folder / "authority.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(certificate))
    return str(file)


async def test_the_disk_is_looked_at_on_schedule_and_by_hand(here: Beside) -> None:
    person = here.person
    here.python("docs/examples/disk_space.py")
    job = await appears(person, "disk_space")
    assert (job["category"], job["schedule"]["words"], job["needs"]) == ("system", "Every 15 minutes", [])
    by_schedule = await runs_on_schedule(person, "disk_space")
    by_hand = await has_ended(person, await run_by_hand(person, "disk_space", path=str(here.folder), least=0))
    full = await has_ended(person, await run_by_hand(person, "disk_space", least=101))
    nowhere = await has_ended(person, await run_by_hand(person, "disk_space", path="/no/such/folder"))
    assert by_schedule["summary"].startswith("/: ") or by_schedule["error"]["code"] == "disk_full"
    assert by_hand["outcome"] == "succeeded" and by_hand["summary"].startswith(f"{here.folder}: ")
    assert (full["outcome"], full["error"]["code"], full["attempt"]) == ("failed", "disk_full", 1)
    assert full["error"]["message"].endswith("which is less than 101 %.")
    assert nowhere["error"]["message"] == "/no/such/folder can't be looked at: No such file or directory."


async def test_names_are_resolved_with_progress_and_log(here: Beside) -> None:
    person = here.person
    here.python("docs/examples/resolver_refresh.py")
    assert (await appears(person, "resolver_refresh"))["category"] == "dns"
    found = await has_ended(person, await run_by_hand(person, "resolver_refresh", names="localhost 127.0.0.1"))
    log = await person.read(f"/api/runs/{found['id']}/log")
    assert found["outcome"] == "succeeded" and found["summary"].startswith("2 names in ")
    assert "127.0.0.1: 127.0.0.1" in [line["text"] for line in log["lines"]]
    lost = await run_by_hand(person, "resolver_refresh", names="localhost no-such-name.invalid")
    await run_when(person, lost, lambda run: run["state"] == "retrying", "the first try to fail")
    (first,) = (await person.read(f"/api/runs/{lost}/attempts"))["attempts"]
    assert first["error"]["message"] == "1 of 2 names have no address: no-such-name.invalid."
    await is_cancelled(person, lost)


async def test_a_certificate_is_judged(here: Beside, authority: Authority, trusted: str) -> None:
    async with (
        tls_server(authority.server_context()) as good,
        tls_server(Authority(here.folder).server_context()) as strange,
    ):
        here.python("docs/examples/certificate_expiry.py", SSL_CERT_FILE=trusted)
        await appears(here.person, "certificate_expiry")

        async def judged(server: TlsServer, **params: Any) -> Any:
            run = await run_by_hand(here.person, "certificate_expiry", port=server.port, **params)
            return await has_ended(here.person, run)

        soon, fine, stranger = await judged(good), await judged(good, least=0), await judged(strange)
    assert soon["error"]["code"] == "ends_soon"
    assert soon["error"]["message"] == "The certificate of localhost ends in 0 days."
    assert (fine["outcome"], fine["summary"]) == ("succeeded", "the certificate of localhost is good for 0 days")
    assert (stranger["error"]["code"], stranger["attempt"]) == ("not_trusted", 1)


async def test_a_run_that_hangs_is_cancelled_and_one_whose_worker_is_killed_is_taken_over(
    here: Beside, authority: Authority, trusted: str
) -> None:
    def start() -> Process:
        return here.python("docs/examples/certificate_expiry.py", SSL_CERT_FILE=trusted)

    person = here.person
    async with tls_server() as silent:
        worker = start()
        await appears(person, "certificate_expiry")
        run = await run_by_hand(person, "certificate_expiry", port=silent.port, least=0)
        await run_when(person, run, lambda found: found["state"] == "running", "the run to be under way")
        await is_cancelled(person, run)
        run = await run_by_hand(person, "certificate_expiry", port=silent.port, least=0)
        ended = await is_taken_over(person, run, worker, start, silent.recover(authority.server_context()))
    assert ended["outcome"] == "succeeded"


async def test_a_worker_whose_jobs_can_not_be_run_says_so_and_ends(processes: Processes, folder: Path) -> None:
    """The two things that are wrong most often: no address, and a spec that breaks a rule."""
    nowhere = processes.python("docs/examples/disk_space.py")
    assert await nowhere.ended() == 1
    assert "worker system: a worker needs SHOWRUNNER_NATS_URL" in nowhere.text
    hasty = folder / "hasty.py"
    hasty.write_text(
        "from services.workers.own import run_worker\n"
        "from services.workers.door import Job\n"
        "from shared.contracts.specs import Interval, Spec\n"
        "spec = Spec(name='hasty', title='Hasty', description='', category='system', schedule=Interval(every_ms=10))\n"
        "run_worker('system', [Job(spec=spec, handler=print)])\n"
    )
    worker = processes.python(str(hasty), env={"SHOWRUNNER_NATS_URL": "nats://127.0.0.1:1"})
    assert await worker.ended() == 1
    assert "worker system: job hasty: schedule: every 10ms is too often, every 1s is allowed" in worker.text


async def test_jobs_are_run_by_the_command_line_from_the_place_that_is_named(here: Beside) -> None:
    here.program(
        sys.executable,
        "-m",
        "services.cli",
        "worker",
        "system",
        "--jobs",
        "docs.examples.disk_space:JOBS",
        cwd=CHECKOUT,
    )
    await appears(here.person, "disk_space")
    by_hand = await has_ended(here.person, await run_by_hand(here.person, "disk_space", least=0))
    assert by_hand["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("jobs", "why"),
    [
        ("nothing", "'nothing' is no place of jobs: write module:NAME"),
        ("no_such_module:JOBS", "is it in the working directory, or installed?"),
        ("docs.examples.disk_space:look", "is no list of jobs"),
    ],
)
async def test_a_place_without_jobs_is_refused_by_the_command_line(processes: Processes, jobs: str, why: str) -> None:
    worker = processes.python("-m", "services.cli", "worker", "system", "--jobs", jobs)
    assert await worker.ended() == 2
    assert why in worker.text
