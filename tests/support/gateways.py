"""Real services in the test's own loop, and a person who uses the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from services.gateway.service import run as run_gateway
from services.gateway.settings import GatewaySettings, Listening
from services.scheduler.service import run as run_scheduler
from services.scheduler.settings import SchedulerSettings
from services.workers.door import Job
from services.workers.runtime.service import run as run_worker
from services.workers.runtime.settings import WorkerSettings
from shared.messaging import Bus, Retention, connect, declare
from shared.runtime.secrets import Secret, Vault

PASSWORD = "correct horse battery"


class Person:
    """A client of the API with cookies of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        # The address is an IP, for which the jar keeps no cookies unless told.
        self.http = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def log_in(self, account: str = "admin", password: str = PASSWORD) -> Self:
        status, answer = await self.post("/api/session", account=account, password=password)
        assert status == 200, answer
        return self

    async def call(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer (None without a body)."""
        async with self.http.request(method, path, **kwargs) as response:
            body = await response.read()
            return response.status, await response.json(content_type=None) if body else None

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        return await self.call("POST", path, json=body)

    async def put(self, path: str, **body: Any) -> tuple[int, Any]:
        return await self.call("PUT", path, json=body)

    async def delete(self, path: str) -> tuple[int, Any]:
        return await self.call("DELETE", path)

    async def read(self, path: str) -> Any:
        """The JSON of a call that succeeds."""
        status, answer = await self.get(path)
        assert status == 200, answer
        return answer


class House:
    """Services side by side on one NATS and one Postgres; each can be stopped by itself."""

    def __init__(self, nats_url: str, database_url: str, folder: Path) -> None:
        self._nats_url = nats_url
        self._database_url = database_url
        self._folder = folder
        self._stack = AsyncExitStack()
        self._services: list[asyncio.Task[None]] = []
        self.listening: list[Listening] = []

    async def bus(self, name: str) -> Bus:
        bus = await self._stack.enter_async_context(connect(self._nats_url, name))
        await declare(bus, Retention())
        return bus

    async def scheduler(self) -> asyncio.Task[None]:
        return self._start(run_scheduler(await self.bus("scheduler"), SchedulerSettings()))

    async def worker(self, *jobs: Job) -> asyncio.Task[None]:
        return self._start(run_worker(await self.bus("worker"), jobs, WorkerSettings(drain_s=1)))

    async def gateway(self, password: str = PASSWORD) -> tuple[Person, asyncio.Task[None]]:
        """A gateway, and somebody who knows its address."""
        heard: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
        settings = GatewaySettings(
            database_url=Secret(self._database_url),
            vault=Vault.from_file(self._folder / "key"),
            backups=self._folder / "backups",
            port=0,
            admin_password=Secret(password),
            stop_s=2,
            settle_s=0.1,
        )
        task = self._start(run_gateway(await self.bus("gateway"), settings, heard.set_result))
        task.add_done_callback(lambda _: heard.cancel())
        self.listening.append(await heard)
        return await self.person(self.listening[-1].port), task

    async def person(self, port: int) -> Person:
        return await self._stack.enter_async_context(Person(f"http://127.0.0.1:{port}"))

    async def stop(self, service: asyncio.Task[None]) -> None:
        service.cancel()
        await asyncio.wait({service})

    async def close(self) -> None:
        for service in self._services:
            await self.stop(service)
        await self._stack.aclose()
        for service in self._services:
            if not service.cancelled() and (error := service.exception()):
                raise error

    def _start(self, service: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(service)
        self._services.append(task)
        return task


@asynccontextmanager
async def house(nats_url: str, database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house without services; all that are started in it are stopped at the end."""
    made = House(nats_url, database_url, folder)
    try:
        yield made
    finally:
        await made.close()
