"""How a gust strikes, and how what it struck is mended."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.support.servers import Breakable

from .disk import Disk
from .fleet import Berth, Fleet
from .journal import Journal
from .sink import Sink
from .weather import Gust, Kind

DELAY_S, BYTES_A_SECOND = 0.15, 60_000.0


class Blows:
    """`struck` counts the gusts that have struck, by kind. Of two that want the same target one waits for the other."""

    def __init__(self, fleet: Fleet, disk: Disk, sink: Sink, journal: Journal) -> None:
        self.struck: Counter[Kind] = Counter()
        self._fleet = fleet
        self._disk = disk
        self._sink = sink
        self._journal = journal
        self._sink_lock = asyncio.Lock()
        self._upgrade_lock = asyncio.Lock()
        self._ways: dict[Kind, Callable[[Gust], Awaitable[None]]] = {
            "kill": self._kill,
            "pause": self._pause,
            "cut": self._break_link,
            "silence": self._break_link,
            "slow": self._break_link,
            "clock": self._clock,
            "kill server": self._kill_server,
            "pause nats": self._pause_nats,
            "restart postgres": self._restart_postgres,
            "crash postgres": self._crash_postgres,
            "full disk": self._fill_disk,
            "upgrade": self._upgrade,
            "lost answers": self._lose_answers,
        }

    async def strike(self, gust: Gust) -> None:
        """Let it strike, last, and be over."""
        async with self._lock(gust):
            self._journal.note(f"{gust}: begins")
            self.struck[gust.kind] += 1
            await self._ways[gust.kind](gust)
            self._journal.note(f"{gust}: is over")

    def _lock(self, gust: Gust) -> asyncio.Lock:
        if gust.kind == "upgrade":
            return self._upgrade_lock
        if gust.kind == "lost answers":
            return self._sink_lock
        if gust.target in self._fleet.server_locks:
            return self._fleet.server_locks[gust.target]
        return self._berth(gust).lock

    def _berth(self, gust: Gust) -> Berth:
        return self._fleet.berths[gust.target.partition(" ")[0]]

    async def _kill(self, gust: Gust) -> None:
        berth = self._berth(gust)
        await berth.process.kill()
        await asyncio.sleep(gust.lasts_s)
        self._fleet.launch(berth)

    async def _pause(self, gust: Gust) -> None:
        process = self._berth(gust).process
        process.pause()
        await asyncio.sleep(gust.lasts_s)
        process.resume()

    async def _break_link(self, gust: Gust) -> None:
        link = self._berth(gust).links[gust.target.partition(" ")[2]]
        match gust.kind:
            case "cut":
                link.cut()
            case "silence":
                link.silence()
            case _:
                link.slow(DELAY_S, BYTES_A_SECOND)
        await asyncio.sleep(gust.lasts_s)
        link.mend()

    async def _clock(self, gust: Gust) -> None:
        clock = self._berth(gust).clock
        clock.step(gust.amount)
        await asyncio.sleep(gust.lasts_s)
        clock.set_right()

    async def _kill_server(self, gust: Gust) -> None:
        server: Breakable = self._fleet.nats if gust.target == "nats" else self._fleet.postgres
        await server.kill()
        await asyncio.sleep(gust.lasts_s)
        await server.start()

    async def _pause_nats(self, gust: Gust) -> None:
        self._fleet.nats.pause()
        await asyncio.sleep(gust.lasts_s)
        self._fleet.nats.resume()

    async def _restart_postgres(self, gust: Gust) -> None:
        await self._fleet.postgres.restart()

    async def _crash_postgres(self, gust: Gust) -> None:
        """What PostgreSQL calls an immediate shutdown: SIGQUIT, and no checkpoint."""
        postgres = self._fleet.postgres
        os.kill(postgres.pid, signal.SIGQUIT)
        await postgres.ended()
        await asyncio.sleep(gust.lasts_s)
        await postgres.start()

    async def _fill_disk(self, gust: Gust) -> None:
        """A stream that could not write once refuses every write from then on, until NATS is started again."""
        self._fleet.nats_is_full = True
        self._disk.fill()
        await asyncio.sleep(gust.lasts_s)
        self._disk.clear()
        await self._fleet.nats.restart()
        self._fleet.nats_is_full = False

    async def _upgrade(self, gust: Gust) -> None:
        for berth in self._fleet.berths.values():
            async with berth.lock:
                await self._fleet.replace(berth)
            await berth.ready()

    async def _lose_answers(self, gust: Gust) -> None:
        self._sink.loses_answers = True
        await asyncio.sleep(gust.lasts_s)
        self._sink.loses_answers = False
