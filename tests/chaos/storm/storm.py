"""A storm, from the first gust until everything agrees again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random

from msgspec import Struct

from services.gateway.schema import SCHEMA as JOBS
from shared.runtime.clock import now_ms
from shared.runtime.database import open_pool
from tests.support.waiting import wait_until

from . import load, slots
from .accessdesk import AccessDesk
from .audit import Account, Audit, read_account
from .blows import Blows
from .clients import Decider, Viewer
from .disk import Disk
from .fleet import Fleet
from .journal import Journal
from .mailbag import Mailbag
from .sink import Sink
from .telling import Story
from .weather import Gust

DECIDES_EVERY_S, LAUNCHES_EVERY_S, RULES_EVERY_S = 1.5, 12.0, 4.0
SLOW_REST_S = 0.5
RESTS_WITHIN_S, ACCOUNTED_WITHIN_S, SETTLED_WITHIN_S, AGREED_WITHIN_S = 60.0, 90.0, 180.0, 90.0
LOOK_S = 0.5


class Outside(Struct, frozen=True):
    """What the jobs work on, and where their effects are counted."""

    sink: Sink
    mailbag: Mailbag
    desk: AccessDesk


class Storm:
    """All that is in it, and all that looks at it."""

    def __init__(self, fleet: Fleet, disk: Disk, outside: Outside, journal: Journal, seed: int) -> None:
        self._fleet = fleet
        self._outside = outside
        self._journal = journal
        self._specs = load.jobs()
        self._blows = Blows(fleet, disk, outside.sink, journal)
        self._ports = [gateway.port for gateway in fleet.of("gateway")]
        names = [spec.name for spec in self._specs]
        self._decider = Decider(self._ports, Random(seed), names, load.PAUSED_NOW_AND_THEN)
        self._viewers = [
            Viewer(gateway.name, gateway.port, rest_s)
            for gateway in fleet.of("gateway")
            for rest_s in (0.0, SLOW_REST_S)
        ]

    async def rage(self, gusts: tuple[Gust, ...], seconds: float) -> Story:
        """Let all gusts strike, see that what they broke is mended, and wait until all accounts agree."""
        async with asyncio.TaskGroup() as around:
            lasting: list[asyncio.Task[None]] = [
                around.create_task(self._fleet.watch()),
                *(around.create_task(viewer.view()) for viewer in self._viewers),
            ]
            passing: list[asyncio.Task[None]] = [
                around.create_task(self._decider.decide(DECIDES_EVERY_S)),
                around.create_task(self._outside.mailbag.campaign(LAUNCHES_EVERY_S)),
                around.create_task(self._outside.desk.decide(RULES_EVERY_S)),
            ]
            await self._weather(gusts, seconds)
            for task in passing:
                task.cancel()
            story = await self._calm()
            for task in lasting:
                task.cancel()
        return story

    async def _weather(self, gusts: tuple[Gust, ...], seconds: float) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for gust in gusts:
                await asyncio.sleep(max(0.0, began + gust.at_s - time.monotonic()))
                group.create_task(self._blows.strike(gust))
            await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))

    async def _calm(self) -> Story:
        self._journal.note("the storm is over")
        mended, until = time.monotonic(), now_ms()
        await self._fleet.all_run()
        await wait_until(self._decider.comes_to_rest, RESTS_WITHIN_S, what="a job to be resumed")
        await self._outside.desk.comes_to_rest()
        for viewer in self._viewers:
            viewer.rest_s = 0.0
        faults = await _in_vain(lambda: self._accounted(until), ACCOUNTED_WITHIN_S, "the account of slots")
        faults += await _in_vain(self._outside.mailbag.settled, SETTLED_WITHIN_S, "mail to settle")
        faults += await _in_vain(self._outside.desk.applied, SETTLED_WITHIN_S, "access to be as decided")
        await self._fleet.dismiss("scheduler")
        account, differences = await self._compared(until)
        self._journal.note(f"all accounts {'differ' if differences else 'agree'}")
        return await self._story(account, [*faults, *differences], time.monotonic() - mended)

    async def _compared(self, until: int) -> tuple[Account, list[str]]:
        """The account, as soon as everything agrees with it; if that never is, the last differences."""
        deadline = time.monotonic() + AGREED_WITHIN_S
        while True:
            account = await read_account(self._fleet.nats.url)
            differences = await self._differences(account, until)
            if not differences or time.monotonic() > deadline:
                return account, differences
            await asyncio.sleep(LOOK_S)

    async def _accounted(self, until: int) -> bool:
        account = await read_account(self._fleet.nats.url)
        behind = [
            spec.name
            for spec in self._specs
            if slots.accounted_until(spec, account.entries.get(spec.name, []), account.since[spec.name]) < until
        ]
        assert not behind, f"slots of {behind} are not accounted for"
        return True

    async def _differences(self, account: Account, until: int) -> list[str]:
        audit = Audit(self._specs, until, account)
        async with open_pool(self._fleet.postgres.url, schema=JOBS, min_size=0, max_size=1) as pool:
            rows = await audit.of_rows(pool)
        return [
            *audit.of_slots(),
            *audit.of_runs(self._decider.promised),
            *rows,
            *await audit.of_displays(self._ports, self._viewers),
            *audit.of_effects(self._outside.sink.asked),
            *await self._outside.mailbag.faults(),
            *self._outside.desk.faults(),
        ]

    async def _story(self, account: Account, faults: list[str], converged_s: float) -> Story:
        return Story(
            struck=dict(self._blows.struck),
            account=account,
            asked=self._decider.answers,
            promised=len(self._decider.promised),
            effects=len(self._outside.sink.asked),
            effects_again=self._outside.sink.again,
            mail=len(self._outside.mailbag.arrived),
            mail_uncertain=await self._outside.mailbag.uncertain(),
            rules=self._outside.desk.decided.total(),
            written=self._outside.desk.written.total(),
            viewers=len(self._viewers),
            connections=sum(viewer.connections for viewer in self._viewers),
            converged_s=converged_s,
            faults=[*faults, *self._fleet.losses],
        )


async def _in_vain(look: Callable[[], Awaitable[bool]], within_s: float, what: str) -> list[str]:
    """Wait; what was missing to the end, if anything was."""
    try:
        await wait_until(look, within_s, what=what)
    except AssertionError as missing:
        return [str(missing)]
    return []
