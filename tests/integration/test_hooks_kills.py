"""Gateways are killed (SIGKILL) while runs end and while they send: every end is told, each time under the same id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from services.gateway.hooks.rules import delivery_id
from services.gateway.hooks.signing import SIGNATURE, TIMESTAMP, check
from shared.runtime.clock import utc_now
from tests.support.handlers import every, spec
from tests.support.processes import Process, Processes
from tests.support.programs import Programs, leading, person_at
from tests.support.receivers import HookReceiver, hook_receiver
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

KILLS, BETWEEN = 3, 12
DIFFERING = """
    SELECT count(*) FROM (SELECT id FROM jobs.run WHERE state = 'finished') AS run
    FULL JOIN (SELECT run AS id FROM jobs.hook_delivery) AS told USING (id) WHERE run IS NULL OR told IS NULL
"""
UNTAKEN = "SELECT count(*) FROM jobs.hook_delivery WHERE state <> 'sent'"


async def hook(gateway: Process, receiver: HookReceiver) -> str:
    """The secret of a new hook that wants to hear of every end."""
    async with await person_at(gateway) as person:
        await person.log_in()
        status, made = await person.post("/api/hooks/out", name="home", url=receiver.url, events=["finished"])
        assert status == 201, made
        return str(made["secret"])


def counted(connection: asyncpg.Connection, query: str, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether a query counts so many."""

    async def so_many() -> bool:
        return bool(await connection.fetchval(query) == count)

    return so_many


async def test_killed_gateways_lose_nothing_that_is_to_be_told(
    processes: Processes, folder: Path, nats_server: BreakableNats, postgres: str
) -> None:
    programs = Programs(processes, folder, nats_server.url, postgres)
    scheduler, gateway = programs.scheduler(), programs.gateway()
    await leading(scheduler)
    connection = await asyncpg.connect(postgres)
    try:
        async with hook_receiver() as receiver:
            secret = await hook(gateway, receiver)
            programs.worker([spec(f"quick_{number}", every(150)) for number in range(3)])
            for _ in range(KILLS):
                await receiver.wait_for(len(receiver.got) + BETWEEN)
                # Now one is in its hand, and more runs are ending.
                receiver.mute()
                await receiver.wait_for(len(receiver.got) + 1)
                await gateway.kill()
                receiver.speak()
                assert await connection.fetchval(DIFFERING) == 0
                gateway = programs.gateway()
            await receiver.wait_for(len(receiver.got) + BETWEEN)
            await scheduler.stop()
            # As if the time were over for which a dead gateway's are held back.
            await connection.execute("UPDATE jobs.hook_delivery SET next_at = now() WHERE state = 'due'")
            await wait_until(counted(connection, UNTAKEN, 0), timeout=30, what="all to be taken")
            assert await connection.fetchval(DIFFERING) == 0
            id = await connection.fetchval("SELECT id FROM jobs.hook_out")
            told = Counter(one.told["run"]["id"] for one in receiver.got)
            runs = [row["id"] for row in await connection.fetch("SELECT id FROM jobs.run WHERE state = 'finished'")]
            assert told.keys() == {str(run) for run in runs}
            assert {one.delivery for one in receiver.got} == {str(delivery_id(id, run)) for run in runs}
            assert KILLS <= told.total() - len(told) <= 2 * KILLS
            for one in receiver.got:
                check(secret.encode(), one.headers[TIMESTAMP], one.headers[SIGNATURE], one.body, utc_now())
    finally:
        await connection.close()
