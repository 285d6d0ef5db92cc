"""Calls about alerts for administrators, and the channels where they go. A channel's address is never shown."""

from __future__ import annotations

import asyncio
from typing import Annotated

from msgspec import Meta, Struct

from shared.directory.alertrecords import ALL_NEWS, AlertView, Channel, ChannelName, ChannelWish, JobNews
from shared.outside.channels import service_of
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from ..store.database import outages_named
from .paging import Page, uuid_after
from .route import Call, Nothing

Address = Annotated[str, Meta(min_length=1, max_length=2000)]


class ChannelList(Struct, frozen=True, kw_only=True):
    channels: tuple[Channel, ...]


class NewChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where alerts of these kinds are to go: `url` is an address that apprise understands, such as discord://…"""

    name: ChannelName
    url: Address
    kinds: tuple[JobNews, ...] = ALL_NEWS
    enabled: bool = True

    def __repr__(self) -> str:
        return f"NewChannel(name={self.name!r}, kinds={self.kinds!r}, enabled={self.enabled!r})"


class ChannelChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a channel is to be. Without `url` its address stays."""

    url: Address | None = None
    kinds: tuple[JobNews, ...]
    enabled: bool

    def __repr__(self) -> str:
        return f"ChannelChange(kinds={self.kinds!r}, enabled={self.enabled!r})"


class AlertList(Struct, frozen=True, kw_only=True):
    alerts: tuple[AlertView, ...]
    next: str | None


async def list_channels(call: Call, _: Nothing) -> ChannelList:
    """All channels, by name."""
    with outages_named():
        return ChannelList(channels=tuple(await call.gateway.alerts.channels()))


async def add_channel(call: Call, body: NewChannel) -> Channel:
    """Add a channel."""
    address = Secret(body.url)
    service = await asyncio.to_thread(service_of, address)
    wish = ChannelWish(name=body.name, service=service, kinds=body.kinds, enabled=body.enabled)
    with outages_named():
        channel = await call.gateway.alerts.add_channel(wish, address, call.by, utc_now())
    await call.record("channel.add", channel.name, None, wish)
    return channel


async def change_channel(call: Call, body: ChannelChange) -> Channel:
    """Change a channel."""
    alerts, name = call.gateway.alerts, call.path["name"]
    address = Secret(body.url) if body.url is not None else None
    with outages_named():
        before = _kept(await alerts.channel(name))
        service = before.service if address is None else await asyncio.to_thread(service_of, address)
        wish = ChannelWish(name=name, service=service, kinds=body.kinds, enabled=body.enabled)
        channel = await alerts.change_channel(wish, address, call.by, utc_now())
    await call.record("channel.change", name, before, {"channel": wish, "address_changed": address is not None})
    return channel


async def remove_channel(call: Call, _: Nothing) -> None:
    """Remove a channel, and what it got."""
    alerts, name = call.gateway.alerts, call.path["name"]
    with outages_named():
        before = _kept(await alerts.channel(name))
        await alerts.remove_channel(name)
    await call.record("channel.remove", name, before)


async def try_channel(call: Call, _: Nothing) -> AlertView:
    """Have a test sent to a channel, whatever kinds it takes."""
    name = call.path["name"]
    with outages_named():
        alert = await call.gateway.alerts.add_trial(name, utc_now())
    await call.record("channel.test", name)
    return alert


async def list_alerts(call: Call, page: Page) -> AlertList:
    """Alerts, the newest first."""
    with outages_named():
        found = await call.gateway.alerts.listed(page.limit + 1, uuid_after(page.after))
    shown, more = found[: page.limit], len(found) > page.limit
    return AlertList(alerts=tuple(shown), next=str(shown[-1].id) if more else None)


def _kept(channel: Channel) -> ChannelWish:
    """What the audit trail keeps of a channel."""
    return ChannelWish(name=channel.name, service=channel.service, kinds=channel.kinds, enabled=channel.enabled)
