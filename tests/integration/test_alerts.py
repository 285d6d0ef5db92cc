"""Which alerts there are: each is decided once, whatever gateways look at it, and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.store.database import DatabaseUnreachable, outages_named
from shared.contracts.feed import Run
from shared.contracts.ids import new_run
from shared.directory.alertrecords import AlertPolicy
from shared.mail.terms import MailPolicy
from tests.support.alerting import AT, MINUTE, TITLE, WHO, Alerting, open_alerting
from tests.support.waiting import wait_until


@pytest.fixture
async def alerting(postgres: str, folder: Path) -> AsyncIterator[Alerting]:
    async with open_alerting(postgres, folder) as made:
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
