"""The streams as they stand in NATS, read with the client library alone and with nobody's structs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import nats
from msgspec import Struct
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

AT_ONCE = 500
ANSWER_S = 10.0


class Record(Struct, frozen=True):
    """A message of a stream. `written_ms` is when the stream took it."""

    subject: str
    sequence: int
    written_ms: int
    body: dict[str, Any]


async def read(url: str, stream: str) -> list[Record]:
    """All that stands in a stream, in its order."""
    client = await nats.connect(url, allow_reconnect=False)
    try:
        jetstream = client.jetstream()
        count = (await jetstream.stream_info(stream)).state.messages
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL, mem_storage=True)
        consumer = await jetstream.pull_subscribe("", stream=stream, config=config)
        found: list[Record] = []
        while len(found) < count:
            for message in await consumer.fetch(min(AT_ONCE, count - len(found)), ANSWER_S):
                place = message.metadata
                written = int(place.timestamp.timestamp() * 1000)
                body = json.loads(message.data) if message.data else {}
                found.append(Record(message.subject, place.sequence.stream, written, body))
        await consumer.unsubscribe()
        return found
    finally:
        await client.close()


def milliseconds(moment: str) -> int:
    """A moment of a message as milliseconds since the Unix epoch."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
