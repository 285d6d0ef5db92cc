"""Plain requests with JSON: an answer, or an OutsideError that says what is wrong."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import aiohttp
import msgspec

from .errors import Malformed, OutsideError, Unreachable
from .statuses import complaint

LONGEST_ANSWER = 128 * 2**20  # bytes; ten thousand Jellyfin users take some 30 MiB


Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
NOTHING: Any = object()
"""The content of a request without a body; None is a body: `null`."""


def new_session() -> aiohttp.ClientSession:
    """A session for `fetch`; it keeps no cookies, since servers on one host would share them."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers={"Accept": "application/json"})


async def fetch(
    session: aiohttp.ClientSession,
    who: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
    kind: Any = Any,
) -> Any:
    """The JSON at `url`, as a `kind`, or else as plain Python values. OutsideError, in terms of `who` ("Attic").

    A long list costs far less as a `kind` that names only what is wanted of it. Redirects are not followed: a token
    must not go where it was not sent.
    """
    with _errors_told(who, timeout_s):
        async with (
            asyncio.timeout(timeout_s),
            session.get(url, headers=headers, params=params, allow_redirects=False) as response,
        ):
            if error := complaint(who, response.status, response.headers):
                raise error
            return _decoded(who, await _body(who, response), kind)


async def send(
    session: aiohttp.ClientSession,
    who: str,
    url: str,
    content: Any = NOTHING,
    *,
    headers: Mapping[str, str],
    method: Method = "POST",
    params: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
) -> Any:
    """Change something, with `content` as JSON. What the answer says, None if it is but a yes. OutsideError."""
    body = None
    if content is not NOTHING:
        body, headers = msgspec.json.encode(content), {**headers, "Content-Type": "application/json"}
    with _errors_told(who, timeout_s):
        async with (
            asyncio.timeout(timeout_s),
            session.request(method, url, headers=headers, params=params, data=body, allow_redirects=False) as response,
        ):
            if error := complaint(who, response.status, response.headers):
                raise error
            answer = await _body(who, response)
    return _decoded(who, answer) if answer else None


@contextmanager
def _errors_told(who: str, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unreachable(f"{who} did not answer within {timeout_s:g} s") from None
    except aiohttp.InvalidURL:
        raise Unreachable(
            f"{who} has no valid address: it has to look like http://host:port", transient=False
        ) from None
    except aiohttp.ClientPayloadError:
        raise Malformed(f"{who} broke off in the middle of its answer") from None
    except (aiohttp.ClientError, OSError) as error:
        raise unreached(who, error) from None


def unreached(who: str, error: BaseException) -> OutsideError:
    """What a failed connection means, in words for a person."""
    cause = getattr(error, "os_error", None) or error
    match error, cause:
        case (_, ssl.SSLCertVerificationError()) | (aiohttp.ClientConnectorCertificateError(), _):
            why = "its certificate is not trusted or is for another name"
        case (_, ssl.SSLError()):
            why = "it does not speak HTTPS there: is the address meant to begin with http://?"
        case (aiohttp.ClientConnectorDNSError(), _) | (_, socket.gaierror()):
            return Unreachable(f"The name in the address of {who} is not known: is it spelled rightly?")
        case _, ConnectionRefusedError():
            why = "nothing listens at its address: is it running, and is the port right?"
        case (aiohttp.ServerDisconnectedError(), _) | (_, ConnectionResetError()):
            why = "it hung up without an answer"
        case _:
            why = type(cause).__name__
    return Unreachable(f"{who} can't be reached: {why}")


async def _body(who: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise Malformed(f"{who} answers without end", transient=False)
    return bytes(body)


def _decoded(who: str, body: bytes, kind: Any = Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Malformed(f"{who} answered with something else than it was asked for: {error}") from None
    except msgspec.DecodeError:
        raise Malformed(f"{who} answered with something that is not JSON, or only part of it") from None
