"""Alerts, from a job's state to a channel: decided once, sent once, and tried again when a channel takes them not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from services.gateway.alerts.watch import Watch
from services.gateway.board import Board
from services.gateway.store.database import DatabaseUnreachable, outages_named
from services.workers.clients.clients import open_clients
from services.workers.door import JobFailed, Result
from services.workers.mail.alerting.rules import MOST_TRIES
from services.workers.mail.alerting.send import NO_CHANNEL, STALE
from services.workers.mail.jobs import jobs
from services.workers.tools import Tools, tools_over
from shared.contracts.feed import Run
from shared.contracts.ids import new_run
from shared.contracts.reports import Failure, Outcome
from shared.directory.alertrecords import ALL_NEWS, AlertPolicy, AlertView, Channel, ChannelWish
from shared.directory.directory import SCHEMA
from shared.directory.errors import NameTaken, NoSuchChannel
from shared.directory.mailrecords import Claimant
from shared.mail.terms import MailPolicy
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret, Vault, WrongKey
from tests.simulators.channel import ChannelSimulator
from tests.support.handlers import spec
from tests.support.recorded import RecordedRun
from tests.support.waiting import wait_until

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHO = "mara"
MINUTE = timedelta(minutes=1)
TITLE = "Plex synchronization"


@dataclass
class Alerting:
    """A board with one job, a gateway's watch over it, the worker's job, and a service that takes messages."""

    pool: asyncpg.Pool
    tools: Tools
    service: ChannelSimulator
    board: Board
    time: datetime = AT
    finished: int = 0
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.watch = self.another_gateway()

    def another_gateway(self) -> Watch:
        """The watch of a gateway that has just been started."""
        return Watch(self.board, self.tools.alerts, self.tools.preferences)

    def ended(self, outcome: Outcome, reason: str = "Attic does not answer") -> Run:
        """Let a run of the job end so, now."""
        self.finished += 1
        run = Run(
            id=new_run(),
            job="sync_plex",
            category="sync",
            state="finished",
            outcome=outcome,
            number=self.finished,
            error=Failure(code="unreachable", message=reason) if outcome == "failed" else None,
            finished_at=self.time,
        )
        self.board.apply_runs([run])
        return run

    async def look(self) -> list[str]:
        """The kinds of what is news."""
        return [alert.kind for alert in await self.watch.look(self.time)]

    async def channel(self, name: str = "ops", address: str = "", **given: Any) -> Channel:
        """Set up a channel that leads to the service, or elsewhere."""
        wish = ChannelWish(**{"name": name, "service": "JSON", "kinds": ALL_NEWS, "enabled": True, **given})
        return await self.tools.alerts.add_channel(wish, Secret(address or self.service.address), WHO, self.time)

    async def send(self) -> Result:
        """Run the job that sends alerts; `said` is then what a person can read of the run."""
        (handler,) = (job.handler for job in jobs(self.tools) if job.spec.name == "send_alerts")
        return await handler(RecordedRun("send_alerts"))

    async def failure(self) -> str:
        """Run it, expecting that it fails; why."""
        try:
            result = await self.send()
        except JobFailed as failed:
            return failed.message
        raise AssertionError(f"it was expected to fail, and gave {result}")

    async def alerts(self) -> list[AlertView]:
        return await self.tools.alerts.listed(100)

    async def states(self) -> dict[str, str]:
        """By channel, what became of the newest alert."""
        return {sending.channel: sending.state for sending in (await self.alerts())[0].sendings}


@pytest.fixture
async def alerting(postgres: str, folder: Path) -> AsyncIterator[Alerting]:
    async with open_pool(postgres, schema=SCHEMA) as pool, open_clients() as clients, ChannelSimulator() as service:
        board = Board("b0", "UTC")
        board.load({})
        board.apply_spec("sync_plex", spec("sync_plex", title=TITLE))

        def now() -> datetime:
            return made.time

        tools = tools_over(pool, Vault.from_file(folder / "key"), clients, ZoneInfo("UTC"), now)
        made = Alerting(pool, tools, service, board)
        yield made


async def test_a_failure_is_told_once_and_its_recovery_once(alerting: Alerting) -> None:
    await alerting.tools.mailroom.set_policy(MailPolicy(public_url="https://shows.example.org"), WHO)
    await alerting.channel()
    assert await alerting.look() == []
    run = alerting.ended("failed")
    assert await alerting.look() == ["failed"] and await alerting.look() == []
    assert (await alerting.send()).summary == "1 sent"
    assert (await alerting.send()).summary == "nothing to do"
    (taken,) = alerting.service.messages
    assert (taken.title, taken.tone) == (f"{TITLE} failed", "failure")
    assert taken.text.splitlines() == [
        "Attic does not answer.",
        "2026-06-01 12:00 UTC",
        f"https://shows.example.org/admin/runs/{run.id}",
    ]
    for minute in range(1, 60):
        alerting.time = AT + minute * MINUTE
        alerting.ended("failed" if minute in (5, 9) else "succeeded")
        kinds = await alerting.look()
        assert kinds == (["recovered"] if minute == 39 else []), minute
    await alerting.send()
    assert [taken.title for taken in alerting.service.messages] == [f"{TITLE} failed", f"{TITLE} has recovered"]


async def test_the_settings_say_how_long_it_is_quiet(alerting: Alerting) -> None:
    await alerting.tools.preferences.set_alerts(AlertPolicy(calm_minutes=2), WHO)
    alerting.ended("failed")
    assert await alerting.look() == ["failed"]
    alerting.ended("succeeded")
    alerting.time += 2 * MINUTE
    assert await alerting.look() == ["recovered"]


async def test_a_run_that_nobody_takes_is_told_without_any_other_news(alerting: Alerting) -> None:
    queued = Run(id=new_run(), job="sync_plex", category="sync", state="queued", fired_at=AT)
    alerting.board.apply_runs([queued])
    assert await alerting.look() == []
    alerting.time += 16 * MINUTE
    assert await alerting.look() == ["stuck"]
    assert (await alerting.alerts())[0].reason == "For 16 minutes no worker has taken it"


async def test_a_job_that_is_gone_is_forgotten(alerting: Alerting) -> None:
    alerting.ended("failed")
    assert await alerting.look() == ["failed"]
    alerting.board.apply_spec("sync_plex", None)
    assert await alerting.look() == []
    assert not await alerting.pool.fetchval("SELECT count(*) FROM alert_told")


async def test_gateways_that_look_at_once_or_one_after_another_tell_it_once(alerting: Alerting) -> None:
    alerting.ended("failed")
    looks = await asyncio.gather(*(alerting.another_gateway().look(AT) for _ in range(4)))
    assert sum(map(len, looks)) == 1
    for watch in (alerting.watch, alerting.another_gateway()):
        assert await watch.look(AT + MINUTE) == []


async def test_what_another_gateway_was_in_the_midst_of_is_not_taken_for_done(alerting: Alerting) -> None:
    alerting.ended("failed")
    async with alerting.pool.acquire() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtext('showrunner alerts'))")
        assert await alerting.look() == []
    assert await alerting.look() == ["failed"]


async def test_a_gateway_killed_between_the_alert_and_what_it_remembers_tells_it_once(alerting: Alerting) -> None:
    await alerting.channel()
    alerting.ended("failed")
    async with alerting.pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE alert_told IN SHARE MODE")
        looking = asyncio.ensure_future(alerting.look())

        async def writes() -> int | None:
            pid: int | None = await other.fetchval(
                "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'alert_told'::regclass"
            )
            return pid

        pid = await wait_until(writes, what="a gateway that has written the alert")
        await other.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DatabaseUnreachable), outages_named():
            await looking
    alerting.time += MINUTE
    alerting.ended("failed", "another reason")
    watch = alerting.another_gateway()
    assert [alert.reason for alert in await watch.look(alerting.time)] == ["another reason"]
    assert len(await alerting.alerts()) == 1 and await watch.look(alerting.time) == []


async def test_without_a_channel_nothing_is_sent_and_later_ones_get_no_old_news(alerting: Alerting) -> None:
    alerting.ended("failed")
    await alerting.look()
    result = await alerting.send()
    assert (result.outcome, result.summary) == ("skipped", NO_CHANNEL)
    await alerting.channel()
    assert (await alerting.send()).summary == "nothing to do" and not alerting.service.messages


async def test_each_channel_gets_its_kinds_and_a_disabled_one_nothing(alerting: Alerting) -> None:
    await alerting.channel("ops")
    await alerting.channel("good news", kinds=("recovered",))
    await alerting.channel("off", enabled=False)
    alerting.ended("failed")
    await alerting.look()
    assert await alerting.states() == {"ops": "due"}
    channel = await alerting.tools.alerts.channel("ops")
    wish = ChannelWish(name="ops", service=channel.service, kinds=channel.kinds, enabled=False)
    await alerting.tools.alerts.change_channel(wish, None, WHO, alerting.time)
    assert await alerting.states() == {"ops": "dropped"}
    assert (await alerting.send()).summary == "nothing to do"


async def test_a_channel_that_refuses_is_named_with_the_reason_and_keeps_no_other_waiting(alerting: Alerting) -> None:
    await alerting.channel("ops")
    async with ChannelSimulator("another-secret") as broken:
        await alerting.channel("broken", broken.address)
        broken.revoke()
        alerting.ended("failed")
        await alerting.look()
        why = await alerting.failure()
        assert why.startswith("1 sent; broken: ") and "404" in why
        assert "secret" not in why and "127.0.0.1" not in why
        assert await alerting.states() == {"ops": "sent", "broken": "due"}
        by_name = {channel.name: channel for channel in await alerting.tools.alerts.channels()}
        assert by_name["ops"].sent_at == AT and by_name["ops"].trouble == ""
        assert by_name["broken"].sent_at is None and "404" in by_name["broken"].trouble
        assert (await alerting.send()).summary == "nothing to do", "it is tried again later"
        assert len(alerting.service.messages) == 1


async def test_a_channel_that_comes_back_gets_what_it_missed(alerting: Alerting) -> None:
    await alerting.channel()
    alerting.service.faults.answer("/{token}", 503, times=1)
    alerting.ended("failed")
    await alerting.look()
    assert "503" in await alerting.failure()
    alerting.time += MINUTE
    assert (await alerting.send()).summary == "1 sent"
    (sending,) = (await alerting.alerts())[0].sendings
    assert (sending.state, sending.tries, sending.answer) == ("sent", 2, "")


async def test_a_channel_that_does_not_answer_is_given_up_in_time(alerting: Alerting) -> None:
    await alerting.channel()
    released = alerting.service.faults.hold("/{token}")
    alerting.ended("failed")
    await alerting.look()
    assert (await alerting.failure()).startswith("ops: ")
    released.set()


async def test_an_alert_is_given_up_after_ten_tries(alerting: Alerting) -> None:
    await alerting.channel(address="json://127.0.0.1:9/nobody-listens")
    alerting.ended("failed")
    await alerting.look()
    for _ in range(MOST_TRIES):
        await alerting.failure()
        alerting.time += timedelta(hours=1)
    assert await alerting.states() == {"ops": "failed"}
    assert (await alerting.send()).summary == "nothing to do"


async def test_what_a_dead_worker_had_in_hand_is_sent_by_another(alerting: Alerting) -> None:
    await alerting.channel()
    alerting.ended("failed")
    await alerting.look()
    dead = Claimant(new_run(), 1)
    assert len(await alerting.tools.alerts.claim(dead, 10, except_for=(), at=AT, stale_after=STALE)) == 1
    assert (await alerting.send()).summary == "nothing to do"
    alerting.time += STALE + MINUTE
    assert (await alerting.send()).summary == "1 sent"


async def test_a_run_that_is_stopped_gives_back_what_it_had_not_sent(alerting: Alerting) -> None:
    await alerting.channel()
    released = alerting.service.faults.hold("/{token}")
    alerting.ended("failed")
    await alerting.look()
    running = asyncio.ensure_future(alerting.send())
    await alerting.service.requests.reach(1)
    running.cancel()
    await asyncio.wait([running])
    (sending,) = (await alerting.alerts())[0].sendings
    assert running.cancelled() and (sending.state, sending.tries) == ("due", 0)
    released.set()


async def test_addresses_are_sealed_and_belong_to_their_channel(alerting: Alerting) -> None:
    alerts = alerting.tools.alerts
    for name in ("ops", "home"):
        await alerting.channel(name, f"json://127.0.0.1/secret-of-{name}")
    rows = await alerting.pool.fetch("SELECT * FROM alert_channel")
    assert not [row for row in rows if b"secret" in row["sealed"]]
    assert (await alerts.address("ops")).reveal() == "json://127.0.0.1/secret-of-ops"
    await alerting.pool.execute(
        "UPDATE alert_channel SET sealed = (SELECT sealed FROM alert_channel WHERE name = 'ops')"
    )
    with pytest.raises(WrongKey):
        await alerts.address("home")
    alerting.ended("failed")
    await alerting.look()
    assert "home: The secret of alert_channel/home was not sealed" in await alerting.failure()


async def test_names_of_channels_are_taken_once_and_known(alerting: Alerting) -> None:
    alerts = alerting.tools.alerts
    channel = await alerting.channel()
    with pytest.raises(NameTaken):
        await alerting.channel()
    await alerts.remove_channel("ops")
    wish = ChannelWish(name="ops", service="JSON", kinds=channel.kinds, enabled=True)
    for refused in (
        alerts.remove_channel("ops"),
        alerts.channel("ops"),
        alerts.address("ops"),
        alerts.add_trial("ops", AT),
        alerts.change_channel(wish, None, WHO, AT),
    ):
        with pytest.raises(NoSuchChannel):
            await refused
