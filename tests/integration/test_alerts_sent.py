"""Alerts on their way to channels: sent once, and tried again when a channel takes them not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.workers.mail.alerting.rules import MOST_TRIES
from services.workers.mail.alerting.send import NO_CHANNEL, STALE
from shared.contracts.ids import new_run
from shared.directory.alertrecords import ChannelWish
from shared.directory.mailrecords import Claimant
from tests.simulators.channel import ChannelSimulator
from tests.support.alerting import AT, MINUTE, WHO, Alerting, open_alerting


@pytest.fixture
async def alerting(postgres: str, folder: Path) -> AsyncIterator[Alerting]:
    async with open_alerting(postgres, folder) as made:
        yield made


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
