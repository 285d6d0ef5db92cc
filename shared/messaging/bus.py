"""The connection to NATS: requests, plain messages, and raw publishing. It reconnects for ever, and says when."""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import structlog
from nats.errors import Error as NatsError

from .client import DirectClient, Inbox, Sink, SpeaksNoTls
from .doorstep import credentials_in, servers_in, untrusted, user_in
from .errors import Conflict, Forbidden, Rejected, Unreachable
from .message import Message
from .permissions import inbox_of

log = structlog.get_logger()

_WRONG_LAST_SEQUENCE = {10071, 10164}
_RETRY_S = 0.25
_OUTBOX_BYTES = 32 * 1024 * 1024
# As the server says it (nats-server, client.go) and the library hands it on: in small letters.
_REFUSED = re.compile(r"permissions violation for (publish|subscription) to \"([^\"]+)\"")


class _ApiError(msgspec.Struct):
    code: int
    description: str = ""
    err_code: int = 0


class _Acknowledgement(msgspec.Struct):
    stream: str = ""
    seq: int = 0
    error: _ApiError | None = None


_decode_acknowledgement = msgspec.json.Decoder(_Acknowledgement).decode
_decode_json = msgspec.json.Decoder(dict[str, Any]).decode


class Bus:
    """One connection, shared by all loops of a process."""

    def __init__(self, client: DirectClient) -> None:
        self._client = client
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._asked: dict[str, str] = {}
        self._appending: set[str] = set()
        self._unheard: set[str] = set()
        self._numbers = itertools.count(1)
        self._inbox = client.new_inbox()
        self._watchers: set[Callable[[], None]] = set()

    @property
    def connected(self) -> bool:
        """Whether the server can be reached now."""
        return self._client.is_connected

    @property
    def in_cluster(self) -> bool:
        """Whether the server is one of several, each of which may be lost while we are connected to another."""
        return bool(self._client._server_info.get("cluster"))

    async def request(self, subject: str, payload: bytes, timeout: float) -> bytes:
        """The answer to a request. Raises `Unreachable` when none comes within `timeout` seconds, or `Forbidden`."""
        reply, answer = self._expect()
        self.send(publication(subject, payload, reply))
        message = await self._await(subject, reply, answer, timeout)
        if not message.data and message.status and message.status.get("Status") == "503":
            raise Unreachable(f"nobody answers {subject}")
        return message.data

    async def say(self, subject: str, payload: bytes) -> None:
        """A plain message: whoever listens hears it, nobody keeps it. A request that wants no answer has no subject."""
        if subject:
            self.send(publication(subject, payload))

    async def api(self, verb: str, body: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
        """A call of the JetStream API. Raises `Rejected` with the server's reason."""
        answer = _decode_json(await self.request(f"$JS.API.{verb}", msgspec.json.encode(body), timeout))
        if error := answer.get("error"):
            raise Rejected(f"{verb}: {error.get('description')} ({error.get('err_code')})")
        return answer

    async def append(self, subject: str, commands: bytes, reply: str, timeout: float) -> int:
        """Send publications, the last on `subject` with an acknowledgement asked for at `reply`; the sequence it got.

        Raises `Conflict` when an expected sequence was not the last one, `Unreachable` when no answer came, `Forbidden`
        when our user may not write there.
        """
        answer = self._answers[reply]
        self._appending.add(reply)
        try:
            self.send(commands)
            message = await self._await(subject, reply, answer, timeout)
        finally:
            self._appending.discard(reply)
        if not message.data:
            raise Unreachable("the stream does not answer")
        acknowledgement = _decode_acknowledgement(message.data)
        if error := acknowledgement.error:
            if error.err_code in _WRONG_LAST_SEQUENCE:
                raise Conflict(error.description)
            raise Rejected(error.description)
        return acknowledgement.seq

    def expect(self) -> str:
        """A reply subject for `append`."""
        return self._expect()[0]

    def send(self, commands: bytes) -> None:
        """Hand protocol lines to the connection, to be written before long."""
        client = self._client
        if client.is_closed:
            raise Unreachable("the connection to NATS is closed")
        if client._pending_data_size > _OUTBOX_BYTES:
            raise Unreachable("NATS does not take what we send: the connection is down or too slow")
        # Written as a block: the client's own publish costs more a message than the rest of the way together.
        client._pending.append(commands)
        client._pending_data_size += len(commands)
        flushes = client._flush_queue
        if client.is_connected and flushes is not None and flushes.empty():
            flushes.put_nowait(asyncio.get_running_loop().create_future())

    @asynccontextmanager
    async def open_inbox(self, subject: str = "") -> AsyncIterator[tuple[str, Inbox]]:
        """Subscribe to `subject` (a fresh one if empty). The inbox is woken after every reconnection."""
        subject = subject or self._client.new_inbox()
        inbox = Inbox()
        self._watchers.add(inbox.wake)
        try:
            async with self._subscribed(subject, inbox.put):
                yield subject, inbox
        finally:
            self._watchers.discard(inbox.wake)

    @asynccontextmanager
    async def listen(self, subject: str) -> AsyncIterator[AsyncIterator[list[Message]]]:
        """Hear plain messages from the moment the block is entered; what is said without a connection is lost.

        Raises `Forbidden` when our user may not hear them.
        """
        async with self.open_inbox(subject) as (_, inbox):
            await self._heard_of()
            if subject.lower() in self._unheard:
                raise Forbidden(f"our user on NATS may not subscribe to {subject}")
            yield _messages(inbox)

    async def flush(self) -> None:
        """Wait until the server has taken all that was sent."""
        try:
            await self._client.flush()
        except (NatsError, TimeoutError) as error:
            raise Unreachable("NATS does not answer") from error

    @asynccontextmanager
    async def _subscribed(self, subject: str, sink: Sink) -> AsyncIterator[None]:
        subscription = await self._client.subscribe(subject)
        number: int = subscription._id
        self._client.sinks[number] = sink
        try:
            yield
        finally:
            del self._client.sinks[number]
            with suppress(NatsError):
                await subscription.unsubscribe()

    async def _heard_of(self) -> None:
        """Wait, as long as it takes, until the server knows of our subscriptions."""
        while True:
            try:
                return await self.flush()
            except Unreachable:
                if self._client.is_closed:
                    raise
                await asyncio.sleep(_RETRY_S)

    def _expect(self) -> tuple[str, asyncio.Future[Message]]:
        reply = f"{self._inbox}.{next(self._numbers)}"
        answer = self._answers[reply] = asyncio.get_running_loop().create_future()
        return reply, answer

    async def _await(self, subject: str, reply: str, answer: asyncio.Future[Message], timeout: float) -> Message:
        self._asked[reply] = subject
        try:
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            raise Unreachable(f"no answer from NATS within {timeout:g} s") from None
        finally:
            self._answers.pop(reply, None)
            self._asked.pop(reply, None)

    def _refused(self, what: str, subject: str) -> bool:
        """Tell those who wait for an answer from this subject (in small letters) that none comes; is there anybody?"""
        if what == "subscription":
            self._unheard.add(subject)
            return False
        told = False
        for reply, asked in self._asked.items():
            answer = self._answers.get(reply)
            if asked.lower() == subject and answer is not None and not answer.done():
                answer.set_exception(Forbidden(f"our user on NATS may not publish to {asked}"))
                told = True
        return told

    def _answered(self, message: Message) -> None:
        answer = self._answers.get(message.subject)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _lost(self) -> None:
        """What was being written may be there or not; its answer went with the connection.

        Requests wait on: who asked for something is told that nothing changed, and only once that is sure.
        """
        for reply in self._appending:
            answer = self._answers.get(reply)
            if answer is not None and not answer.done():
                answer.set_exception(Unreachable("the connection to NATS was lost"))

    async def _reconnected(self) -> None:
        log.info("nats_reconnected")
        for wake in tuple(self._watchers):
            wake()


async def _messages(inbox: Inbox) -> AsyncIterator[list[Message]]:
    while True:
        batch = [message for message in await inbox.take() if message is not None]
        if batch:
            yield batch


def publication(subject: str, payload: bytes, reply: str = "") -> bytes:
    """The protocol lines that publish one message."""
    return f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n"


def publication_with(headers: str, subject: str, payload: bytes, reply: str = "") -> bytes:
    """The same with headers: lines that end in CR LF each."""
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    return f"HPUB {subject} {reply} {len(head)} {len(head) + len(payload)}\r\n".encode() + head + payload + b"\r\n"


@asynccontextmanager
async def connect(url: str, name: str, tls: ssl.SSLContext | None = None, *, echo: bool = True) -> AsyncIterator[Bus]:
    """Connect, waiting as long as it takes; `name` is shown by the server's monitoring. `url` may name several servers.

    `tls` is whom to trust, and what we show (see `tls.trust`). Without `echo`, what is said over this connection is
    heard on others only. Raises `Untrusted` when the server at the address is not to be trusted.
    """
    state: dict[str, Bus] = {}

    async def lost() -> None:
        log.warning("nats_disconnected", service=name)
        if (bus := state.get("bus")) is not None:
            bus._lost()

    async def back() -> None:
        await state["bus"]._reconnected()

    async def failed(error: Exception) -> None:
        bus, refused = state.get("bus"), _REFUSED.search(str(error))
        if bus is not None and refused is not None and bus._refused(refused[1], refused[2]):
            return
        if isinstance(error, ssl.SSLError | SpeaksNoTls):
            if bus is None:
                # Before the first connection nothing else tells of it, and no waiting mends it.
                raise untrusted(error, url) from error
            log.warning("nats_untrusted", service=name, reason=str(untrusted(error, url)))
        elif isinstance(error, NatsError) and "violation" in str(error).lower():
            log.warning("nats_refuses", service=name, reason=str(error))
        else:
            log.debug("nats_error", service=name, error=type(error).__name__)

    client = DirectClient()
    await client.connect(
        servers_in(url),
        **credentials_in(url),
        name=name,
        tls=tls,
        no_echo=not echo,
        inbox_prefix=inbox_of(user_in(url)),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,  # type: ignore[arg-type]  # it is what asyncio.sleep takes
        ping_interval=5,
        max_outstanding_pings=2,
        pending_size=_OUTBOX_BYTES * 2,
        disconnected_cb=lost,
        reconnected_cb=back,
        error_cb=failed,
    )
    bus = state["bus"] = Bus(client)
    try:
        async with bus._subscribed(f"{bus._inbox}.*", bus._answered):
            yield bus
    finally:
        with suppress(NatsError, TimeoutError):
            await client.flush(1)
        await client.close()
