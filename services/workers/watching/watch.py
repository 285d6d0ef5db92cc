"""The watch over one media server: it is asked, oftener while it is busy, and heard where it speaks by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from msgspec import Struct

from shared.contracts.resources import library_of, streams_of
from shared.directory.directory import Directory
from shared.directory.records import Server

from ..clients.clients import Clients
from ..clients.jellyfin_socket import task_news
from ..clients.jellyfin_tasks import Scan, scan_in
from .eyes import Sight, open_eye
from .signs import Signs

log = structlog.get_logger()


class Pace(Struct, frozen=True, kw_only=True):
    """How often to look, in seconds: at a busy server, at a calm one, after trouble, and at which servers there are."""

    busy_s: float = 10.0
    calm_s: float = 30.0
    trouble_s: float = 15.0
    servers_s: float = 10.0


class Watch:
    """Shows the signs of one server for as long as `run` is not cancelled."""

    def __init__(self, server: Server, directory: Directory, clients: Clients, signs: Signs, pace: Pace) -> None:
        self._server = server
        self._directory = directory
        self._clients = clients
        self._signs = signs
        self._pace = pace
        self._library, self._streams = library_of(server.id), streams_of(server.id)
        self._now = asyncio.Event()
        self._heard = False

    async def run(self) -> None:
        """Watch it, for ever; once that is cancelled, nobody looks."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look())
                if self._server.kind == "jellyfin":
                    group.create_task(self._listen())
        finally:
            self._signs.forget(self._library)
            self._signs.forget(self._streams)

    async def _look(self) -> None:
        while True:
            try:
                token = await self._directory.token(self._server.id)
                eye = await open_eye(self._clients, self._server, token)
                while True:
                    self._now.clear()
                    self._heard = False
                    self._show(await eye.look())
                    await self._pause()
            except Exception as error:  # the loop's edge: what can't be seen may be busy, and is shown as that
                log.info("not_seen", server=self._server.name, reason=str(error), error=type(error).__name__)
                self._show_unseen(str(error))
            await asyncio.sleep(self._pace.trouble_s)

    async def _pause(self) -> None:
        busy = self._signs.busy(self._library) or self._signs.busy(self._streams)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.busy_s if busy else self._pace.calm_s):
                await self._now.wait()

    async def _listen(self) -> None:
        while True:
            try:
                token = await self._directory.token(self._server.id)
                async for tasks in task_news(await self._clients.jellyfin(self._server, token)):
                    self._heed(scan_in(tasks))
            except Exception as error:  # the loop's edge: whoever does not listen still looks
                log.info("not_heard", server=self._server.name, reason=str(error), error=type(error).__name__)
            await asyncio.sleep(self._pace.trouble_s)

    def _heed(self, scan: Scan | None) -> None:
        if scan is not None:
            self._heard = True
            self._show_scan(scan)
        elif self._signs.busy(self._library):
            # A single library may be refreshed all the same, which is not said here.
            self._now.set()

    def _show(self, sight: Sight) -> None:
        # What was seen may be older than what was heard while it was on its way.
        if not self._heard:
            self._show_scan(sight.scan)
        count = sight.streams
        streams = f"{count} {'stream' if count == 1 else 'streams'} on {self._server.name}"
        self._signs.show(self._streams, streams if count else "")

    def _show_scan(self, scan: Scan | None) -> None:
        if scan is None:
            self._signs.show(self._library)
        else:
            self._signs.show(self._library, f"library scan on {self._server.name}", scan.share)

    def _show_unseen(self, why: str) -> None:
        for resource in (self._library, self._streams):
            self._signs.show(resource, f"{self._server.name} can't be looked at: {why}")
