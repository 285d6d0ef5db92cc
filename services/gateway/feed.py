"""The feed of runs: told by the one gateway that projects, heard by all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NoReturn

import msgspec
import structlog

from shared.contracts import codec, subjects
from shared.contracts.feed import Feed
from shared.messaging import Message, MessagingError

from .context import Gateway
from .following import RETRY_S, patiently
from .store.histories import read_histories

log = structlog.get_logger()


class FeedPlace:
    """How far the feed was heard."""

    def __init__(self) -> None:
        self._source = ""
        self._number = 0

    def heard(self, feed: Feed) -> bool:
        """Whether this message is an echo of one that was heard before."""
        return feed.source == self._source and feed.number <= self._number

    def follows(self, feed: Feed) -> bool:
        """Whether this message is the next one, or the first that we hear."""
        expected = not self._source or (feed.source == self._source and feed.number == self._number + 1)
        self._source, self._number = feed.source, feed.number
        return expected


class FeedEar:
    """Brings the board what the feed tells; one message at a time, whichever way it comes."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._place = FeedPlace()
        self._turn = asyncio.Lock()

    async def tell(self, feed: Feed) -> None:
        """What our own projector has written: others hear it over NATS, we at once and without the way round."""
        await self._gateway.bus.say(subjects.FEED, codec.encode(feed))
        await self._hear(feed)
        self._gateway.hub.wake()

    async def follow(self) -> NoReturn:
        """What another gateway's projector tells; and from Postgres at first, and whenever a message was lost."""
        while True:
            try:
                async with self._gateway.bus.listen(subjects.FEED) as batches:
                    async with self._turn:
                        self._place = FeedPlace()
                        await self._load_runs()
                    await self._follow(batches)
            except MessagingError as error:
                log.info("feed_not_heard", reason=str(error))
                await asyncio.sleep(RETRY_S)

    async def _follow(self, batches: AsyncIterator[list[Message]]) -> None:
        async for batch in batches:
            for message in batch:
                try:
                    await self._hear(codec.decode_feed(message.data))
                except msgspec.DecodeError as error:
                    # What it said is missing: the next one shows as a gap, and everything is read anew.
                    log.warning("feed_unreadable", reason=str(error))
            self._gateway.hub.wake()

    async def _hear(self, feed: Feed) -> None:
        gateway = self._gateway
        async with self._turn:
            if self._place.heard(feed):
                return
            if not self._place.follows(feed):
                log.info("feed_gap", source=feed.source, number=feed.number)
                gateway.metrics.feed_gaps.add()
                await self._load_runs()
            if any(run.state == "finished" for run in feed.runs):
                # Whoever is told of its end and looks again is to see what it has done.
                gateway.outlooks.forget()
            gateway.board.apply_runs(feed.runs)
            gateway.run_watch.changed(run.id for run in feed.runs)

    async def _load_runs(self) -> None:
        gateway = self._gateway
        histories = await patiently(lambda: read_histories(gateway.database))
        gateway.outlooks.forget()
        gateway.board.load(histories)
        gateway.board_loaded.set()
        gateway.run_watch.wake_all()
        gateway.hub.wake()
