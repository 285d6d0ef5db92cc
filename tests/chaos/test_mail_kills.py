"""A worker is killed at each step of sending; afterwards each message has arrived once.

One case SMTP itself leaves open: the message was handed over, and the worker died before it knew the answer. It is not
sent again by itself, and somebody can have it sent again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from shared.runtime.clock import utc_now
from tests.simulators.smtp import SmtpSimulator
from tests.simulators.smtp_faults import Moment
from tests.support.mailing import NOTICES, WHO, Mailing, open_mailing
from tests.support.pipeline import Pipeline
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

PEOPLE = 3
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


class Scene:
    """People who are due a reminder, and workers that can be killed."""

    def __init__(self, mailing: Mailing, line: Pipeline, processes: Processes, env: dict[str, str]) -> None:
        self.mailing = mailing
        self._line = line
        self._processes = processes
        self._env = env
        self.worker = self._started()

    async def begin(self) -> UUID:
        """Let the worker send; the run."""
        await self._line.scheduler()
        await self._line.projector()
        await self._line.known(NOTICES)
        return await self._line.run(NOTICES)

    async def replaced(self) -> None:
        """Kill the worker, as it is, and start another."""
        await self.worker.kill()
        self.mailing.server.faults.clear()
        self.worker = self._started()

    async def ended(self, run: UUID) -> asyncpg.Record:
        """The run, once it has ended well at its second attempt."""
        row = await self._line.ended(run, timeout=30)
        assert (row["outcome"], row["attempt"]) == ("succeeded", 2), row["error"]
        return row

    async def all_arrived_once(self) -> None:
        assert await self.mailing.states() == {"sent": PEOPLE}
        assert len(self.mailing.arrived) == PEOPLE and set(self.mailing.arrived.values()) == {1}

    async def one_is_uncertain(self, *, arrived: int) -> None:
        """One message is known to have been handed over, and no more; somebody has it sent again."""
        assert await self.mailing.states() == {"sent": PEOPLE - 1, "uncertain": 1}
        deliveries = (await self.mailing.deliveries()).values()
        (open_one,) = [delivery for delivery in deliveries if delivery.state == "uncertain"]
        assert self.mailing.arrived[open_one.address] == arrived
        assert all(self.mailing.arrived[delivery.address] == 1 for delivery in deliveries if delivery != open_one)
        await self.mailing.tools.mailroom.resend(open_one.id, WHO, self.mailing.time)
        assert (await self.mailing.run(NOTICES))[0].summary == "1 sent"
        copies = [taken for taken in self.mailing.server.messages if taken.recipients == (open_one.address,)]
        assert [taken.message["Message-ID"] for taken in copies] == [open_one.message_id] * (arrived + 1)

    def _started(self) -> Process:
        return self._processes.python("-m", "services.cli", "worker", "mail", env=self._env)


@pytest.fixture
async def scene(
    line: Pipeline, processes: Processes, folder: Path, nats_server: BreakableNats, postgres: str
) -> AsyncIterator[Scene]:
    env = {
        "SHOWRUNNER_NATS_URL": nats_server.url,
        "SHOWRUNNER_DATABASE_URL": postgres,
        "SHOWRUNNER_KEY_FILE": str(folder / "key"),
        "SHOWRUNNER_ACK_WAIT_S": "1",
    }
    async with SmtpSimulator() as server, open_mailing(postgres, folder, server) as mailing:
        mailing.time = utc_now()
        await mailing.crowd(PEOPLE)
        yield Scene(mailing, line, processes, env)


async def test_killed_before_it_has_claimed_anything(scene: Scene) -> None:
    async with scene.mailing.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE")
        run = await scene.begin()
        await wait_until(lambda: scene.mailing.pool.fetchval(WAITING), 20, what="the worker at the lock")
        await scene.worker.kill()
    await scene.replaced()
    await scene.ended(run)
    await scene.all_arrived_once()


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_killed_before_a_message_goes_out(scene: Scene, step: Moment) -> None:
    server = scene.mailing.server
    server.faults.hold(step)
    run = await scene.begin()
    await wait_until(lambda: server.commands[step] == 1, 20, what=f"{step}")
    assert await scene.mailing.states() == {"claimed": PEOPLE}
    await scene.replaced()
    await scene.ended(run)
    await scene.all_arrived_once()


@pytest.mark.parametrize("step", ["MAIL", "DATA"])
async def test_killed_before_the_second_message_goes_out(scene: Scene, step: Moment) -> None:
    server = scene.mailing.server
    first = server.faults.hold(step, times=1)
    run = await scene.begin()
    await wait_until(lambda: server.commands[step] == 1, 20, what=f"{step}")
    server.faults.hold(step)
    first.set()
    await wait_until(lambda: server.commands[step] == 2, what=f"the second {step}")
    assert await scene.mailing.states() == {"sent": 1, "claimed": PEOPLE - 1}
    await scene.replaced()
    await scene.ended(run)
    await scene.all_arrived_once()


@pytest.mark.parametrize("kept", [True, False])
async def test_killed_between_the_message_and_its_answer(scene: Scene, kept: bool) -> None:
    server = scene.mailing.server
    server.faults.hold("content", kept=kept)
    run = await scene.begin()
    await wait_until(lambda: server.commands["content"] == 1, 20, what="the message")
    assert await scene.mailing.states() == {"sending": 1, "claimed": PEOPLE - 1}
    await scene.replaced()
    row = await scene.ended(run)
    assert row["summary"] == f"{PEOPLE - 1} sent, 1 uncertain"
    await scene.one_is_uncertain(arrived=int(kept))


async def test_killed_between_the_answer_and_writing_it_down(scene: Scene) -> None:
    server, pool = scene.mailing.server, scene.mailing.pool
    answer = server.faults.hold("content", kept=True, times=1)
    run = await scene.begin()
    await wait_until(lambda: server.commands["content"] == 1, 20, what="the message")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM delivery WHERE state = 'sending' FOR UPDATE")
        answer.set()
        await wait_until(lambda: pool.fetchval(WAITING), what="the worker at the lock")
        await scene.worker.kill()
        # What it has asked Postgres for is not to be done behind its back.
        await pool.execute(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting")
    await scene.replaced()
    await scene.ended(run)
    await scene.one_is_uncertain(arrived=1)
