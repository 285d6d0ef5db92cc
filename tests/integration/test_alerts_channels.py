"""Channels: their sealed addresses, and their names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.directory.alertrecords import ChannelWish
from shared.directory.errors import NameTaken, NoSuchChannel
from shared.runtime.secrets import WrongKey
from tests.support.alerting import AT, WHO, Alerting, open_alerting


@pytest.fixture
async def alerting(postgres: str, folder: Path) -> AsyncIterator[Alerting]:
    async with open_alerting(postgres, folder) as made:
        yield made


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
