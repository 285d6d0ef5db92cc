"""A first word with a NATS server, in its own protocol: only so does it say why it does not let somebody in."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

WITHIN = 5.0  # seconds
PORT = 4222


class Greeting(Struct, frozen=True):
    """What the server says of itself; `refusal` is why it does not let us in."""

    version: str = ""
    jetstream: bool = False
    tls_required: bool = False
    refusal: str = ""


def address_of(url: str) -> str:
    """Host and port, without the secret."""
    parts = urlsplit(url if "://" in url else f"nats://{url}")
    return f"{parts.hostname}:{parts.port or PORT}"


async def greet(url: str) -> Greeting:
    """Ask the server in (INFO, CONNECT, PING). OSError, TimeoutError: nobody answers, or not as NATS does."""
    parts = urlsplit(url if "://" in url else f"nats://{url}")
    async with asyncio.timeout(WITHIN):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or PORT)
        try:
            return await _converse(reader, writer, _credentials(parts.username, parts.password), parts.scheme == "tls")
        finally:
            writer.close()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, credentials: dict[str, str], tls: bool
) -> Greeting:
    first = await reader.readline()
    if not first.startswith(b"INFO "):
        raise OSError("what answers there is not NATS")
    greeting = msgspec.json.decode(first[5:], type=Greeting)
    if greeting.tls_required:
        # What else it says, it says to whoever has spoken TLS with it: the examination goes on with a connection.
        return greeting
    if tls:
        return msgspec.structs.replace(greeting, refusal="it does not speak TLS")
    options: dict[str, Any] = {"verbose": False, "pedantic": False, "name": "doctor", "lang": "python", "version": "0"}
    writer.write(b"CONNECT " + msgspec.json.encode(options | credentials) + b"\r\nPING\r\n")
    while line := await reader.readline():
        if line.startswith(b"-ERR"):
            return msgspec.structs.replace(greeting, refusal=line[4:].decode(errors="replace").strip(" '\r\n"))
        if line.startswith(b"PONG"):
            return greeting
    return msgspec.structs.replace(greeting, refusal="it hung up")


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    if password is None:
        return {"auth_token": unquote(user)}
    return {"user": unquote(user), "pass": unquote(password)}
