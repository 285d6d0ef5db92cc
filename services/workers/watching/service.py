"""The watch as a service: of several, one watches, all media servers that are enabled."""

from __future__ import annotations

import asyncio
import secrets
import socket
from uuid import UUID

import structlog

from shared.contracts.resources import WATCHER
from shared.directory.directory import Directory
from shared.directory.records import Server
from shared.messaging import Bus, MessagingError

from ..clients.clients import Clients
from ..runtime.holdings import Hold, Holdings
from .signs import Signs
from .watch import Pace, Watch

log = structlog.get_logger()

_ASK_S = 1.0


async def run(bus: Bus, directory: Directory, clients: Clients, pace: Pace | None = None) -> None:
    """Watch whenever nobody else does, until cancelled."""
    holdings = Holdings(bus, f"{socket.gethostname()}-{secrets.token_hex(3)}")
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(holdings.keep())
        try:
            while True:
                await _watch_once(bus, holdings, _Rounds(directory, clients, pace or Pace()))
        finally:
            keeping.cancel()


async def _watch_once(bus: Bus, holdings: Holdings, rounds: _Rounds) -> None:
    """Wait until nobody watches, then watch until somebody else does."""
    lost = asyncio.Event()
    hold = Hold(None, "watch", {WATCHER: "the watch"}, lambda _: lost.set())

    async def ours() -> bool:
        if await holdings.confirm(hold):
            lost.set()
        return not lost.is_set()

    await _taken(holdings, hold)
    log.info("watching")
    signs = Signs(bus, holdings.limit_s, ours)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop) for loop in (signs.write(), rounds.run(signs))]
            await lost.wait()
            for task in tasks:
                task.cancel()
    finally:
        await holdings.release(hold)


async def _taken(holdings: Holdings, hold: Hold) -> None:
    while True:
        try:
            if not (await holdings.look(hold) or await holdings.take(hold)):
                return
        except MessagingError as error:
            log.debug("watch_not_taken", reason=str(error))
        await asyncio.sleep(_ASK_S)


class _Rounds:
    """Has every media server that is enabled watched; follows those that come, go, and change."""

    def __init__(self, directory: Directory, clients: Clients, pace: Pace) -> None:
        self._directory = directory
        self._clients = clients
        self._pace = pace
        self._watched: dict[UUID, tuple[Server, asyncio.Task[None]]] = {}

    async def run(self, signs: Signs) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    servers = await self._directory.servers()
                except Exception as error:  # the loop's edge: without the database, the watch goes on as it is
                    log.warning("servers_not_read", reason=str(error), error=type(error).__name__)
                else:
                    await self._follow({server.id: server for server in servers if is_watched(server)}, signs, group)
                await asyncio.sleep(self._pace.servers_s)

    async def _follow(self, servers: dict[UUID, Server], signs: Signs, group: asyncio.TaskGroup) -> None:
        for key, (known, task) in list(self._watched.items()):
            if key not in servers or not _same(known, servers[key]):
                del self._watched[key]
                task.cancel()
                await asyncio.wait([task])
        for key in servers.keys() - self._watched.keys():
            watch = Watch(servers[key], self._directory, self._clients, signs, self._pace)
            self._watched[key] = servers[key], group.create_task(watch.run())


def is_watched(server: Server) -> bool:
    """Whether there are scans and streams to be seen there."""
    return server.enabled and server.kind in ("plex", "jellyfin")


def _same(known: Server, now: Server) -> bool:
    return (known.name, known.addresses, known.identifier) == (now.name, now.addresses, now.identifier)
