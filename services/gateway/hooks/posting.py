"""One try to tell a receiver."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
from aiohttp import ClientResponse, ClientSession
from msgspec import Struct

from shared.outside.http import unreached
from shared.runtime.clock import utc_now

from .signing import signed_headers
from .terms import HookMessage, HookOut, HookTest

TIMEOUT_S = 10.0
LONGEST_ANSWER = 500  # characters
_MOST_READ = 4 * LONGEST_ANSWER  # bytes; a character takes at most four (RFC 3629)

EVENT, DELIVERY = "X-Showrunner-Event", "X-Showrunner-Delivery"


class Answer(Struct, frozen=True):
    """What a try came to: the beginning of an answer with this `status`, or why there was none.

    `for_good`: another try can't help.
    """

    text: str
    status: int | None = None
    for_good: bool = False

    @property
    def taken(self) -> bool:
        """Whether the receiver has it: only a 2xx says so."""
        return self.status is not None and 200 <= self.status < 300


async def post(session: ClientSession, hook: HookOut, key: bytes, message: HookMessage | HookTest) -> Answer:
    """Send a message, signed. Redirects are not followed: what is meant for one address goes nowhere else."""
    body = msgspec.json.encode(message)
    headers = {
        **signed_headers(key, utc_now(), body),
        "Content-Type": "application/json",
        "User-Agent": "Showrunner",
        EVENT: message.event,
        DELIVERY: str(message.delivery),
    }
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return Answer(await _beginning(response), response.status)
    except TimeoutError:
        return Answer(f"There was no answer within {TIMEOUT_S:g} s.")
    except aiohttp.InvalidURL:
        return Answer("The address can't be used: enter another one.", for_good=True)
    except (aiohttp.ClientError, OSError) as error:
        return Answer(f"{unreached(hook.name, error)}.")


async def _beginning(response: ClientResponse) -> str:
    """The first characters of an answer, whatever it is; U+0000 is left out, for PostgreSQL has none (8.14.1)."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= _MOST_READ:
            break
    return body[:_MOST_READ].decode(errors="replace").replace("\0", "")[:LONGEST_ANSWER]
