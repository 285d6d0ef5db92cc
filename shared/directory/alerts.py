"""The one door to alerts for administrators: where they go, what was told, and what waits to be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from shared.runtime.secrets import Secret, Vault

from . import alertbook, alertchannels, alertsendings
from .alertrecords import Alert, AlertClosing, AlertView, Channel, ChannelWish, OutgoingAlert, Told, Verdict
from .mailrecords import Claimant

DISABLED = "the channel was disabled"
TRIAL = "This is how an alert arrives here"

Judge = Callable[[Mapping[str, Told]], Iterable[Verdict]]


class Alerts:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`; `vault` seals the channels' addresses."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    # Channels

    async def channels(self) -> list[Channel]:
        """All channels, by name."""
        async with self._pool.acquire() as connection:
            return await alertchannels.listed(connection)

    async def channel(self, name: str) -> Channel:
        """One channel. NoSuchChannel."""
        async with self._pool.acquire() as connection:
            return await alertchannels.get(connection, name)

    async def any_channel(self) -> bool:
        """Whether alerts go anywhere."""
        async with self._pool.acquire() as connection:
            return await alertchannels.any_enabled(connection)

    async def address(self, name: str) -> Secret:
        """Where a channel leads. NoSuchChannel; WrongKey: it was sealed with another key."""
        async with self._pool.acquire() as connection:
            sealed = await alertchannels.sealed(connection, name)
        return self._vault.unseal(sealed, _place(name))

    async def add_channel(self, wish: ChannelWish, address: Secret, by: str, at: datetime) -> Channel:
        """Add a channel. NameTaken."""
        async with self._pool.acquire() as connection, connection.transaction():
            await alertchannels.add(connection, wish, self._vault.seal(address, _place(wish.name)), by, at)
            return await alertchannels.get(connection, wish.name)

    async def change_channel(self, wish: ChannelWish, address: Secret | None, by: str, at: datetime) -> Channel:
        """Change a channel; without an address it keeps its own. A disabled one gets no more. NoSuchChannel."""
        sealed = self._vault.seal(address, _place(wish.name)) if address else None
        async with self._pool.acquire() as connection, connection.transaction():
            await alertchannels.change(connection, wish, sealed, by, at)
            if not wish.enabled:
                await alertsendings.drop(connection, wish.name, DISABLED, at)
            return await alertchannels.get(connection, wish.name)

    async def remove_channel(self, name: str) -> None:
        """Remove a channel. NoSuchChannel."""
        async with self._pool.acquire() as connection:
            await alertchannels.remove(connection, name)

    # What is told

    async def decide(self, judge: Judge) -> list[Alert] | None:
        """Let `judge` say, by what was told of jobs, what is to be told and remembered now; all of it, or nothing.

        Gives what is told; None: nothing was judged, for somebody else decides just now.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await alertbook.alone(connection):
                return None
            news = []
            for verdict in judge(await alertbook.told(connection)):
                alert = verdict.alert
                if alert is not None:
                    if await alertbook.add(connection, alert):
                        news.append(alert)
                    elif verdict.told is not None:
                        # Told before: what was judged is not how things stand now.
                        continue
                await alertbook.remember(connection, verdict.job, verdict.told)
            return news

    async def add_trial(self, channel: str, at: datetime) -> AlertView:
        """An alert for this channel alone, whatever kinds it takes. NoSuchChannel."""
        trial = Alert(key=f"test/{uuid4()}", kind="test", job="", title=channel, run=None, reason=TRIAL, at=at)
        async with self._pool.acquire() as connection, connection.transaction():
            await alertchannels.sealed(connection, channel)
            added = await alertbook.add(connection, trial, channel)
            assert added is not None, "its key is made up"
            return await alertbook.get(connection, added)

    async def listed(self, limit: int, after: UUID | None = None) -> list[AlertView]:
        """A page of alerts, the newest first, those older than the alert `after`."""
        async with self._pool.acquire() as connection:
            return await alertbook.listed(connection, limit, after)

    # Sending

    async def claim(
        self, claimant: Claimant, limit: int, *, except_for: Collection[str], at: datetime, stale_after: timedelta
    ) -> list[OutgoingAlert]:
        """Take up to `limit` alerts that wait, and what dead attempts had in hand; nobody else gets these.

        `except_for`: for these channels, none.
        """
        async with self._pool.acquire() as connection:
            return await alertsendings.claim(
                connection, claimant, limit, except_for=except_for, at=at, stale_after=stale_after
            )

    async def close(self, claimant: Claimant, closing: AlertClosing, at: datetime) -> None:
        """Write down what became of an alert that the attempt has claimed."""
        async with self._pool.acquire() as connection:
            await alertsendings.close(connection, claimant, closing, at)

    async def release(self, claimant: Claimant) -> None:
        """Give back what the attempt has claimed and not closed."""
        async with self._pool.acquire() as connection:
            await alertsendings.release(connection, claimant)


def _place(name: str) -> str:
    return f"alert_channel/{name}"
