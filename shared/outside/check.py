"""A look at a server: is it there, is it what it should be, does the token open it?

For adding one, for watching it, and for finding the address at which it can be reached now.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import aiohttp
import msgspec

from shared.directory.records import PRODUCTS, ServerKind
from shared.runtime.secrets import Secret

from .errors import Malformed, OutsideError, Refused, Unauthorized
from .http import fetch
from .identities import QUESTIONS, Identity, headers, read_identity

PATIENCE = 10.0  # seconds for each answer


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A server that is well: where it was reached, what it says of itself, and how long its first answer took."""

    url: str
    identifier: str
    name: str
    version: str
    latency_ms: float


async def check_server(
    session: aiohttp.ClientSession,
    kind: ServerKind,
    url: str,
    token: Secret,
    *,
    who: str = "The server",
    identifier: str = "",
    timeout_s: float = PATIENCE,
) -> Check:
    """Look at the server at `url`. OutsideError: what is wrong with it, said of `who`.

    With `identifier` given, another server that answers there is Malformed.
    """
    base, questions = url.rstrip("/"), QUESTIONS[kind]
    began = time.perf_counter()
    try:
        answer = await fetch(session, who, base + questions.open_path, headers=headers(kind, None), timeout_s=timeout_s)
        identity = read_identity(kind, answer)
    except (msgspec.ValidationError, Malformed):
        raise _stranger(who, kind) from None
    except Refused as refusal:
        raise (_stranger(who, kind) if refusal.status in (400, 404) else refusal) from None
    latency_ms = (time.perf_counter() - began) * 1000
    if identifier and identity.identifier != identifier:
        raise Malformed(f"Another server than {who} answers at {base}: correct its address", transient=False)
    inside = await fetch(session, who, base + questions.closed_path, headers=headers(kind, token), timeout_s=timeout_s)
    if kind == "plex":
        identity = _identity_inside(who, inside)
    return Check(
        url=base,
        identifier=identity.identifier,
        name=identity.name,
        version=identity.version,
        latency_ms=round(latency_ms, 1),
    )


async def check_addresses(
    session: aiohttp.ClientSession,
    kind: ServerKind,
    addresses: Sequence[str],
    token: Secret,
    *,
    who: str,
    identifier: str = "",
    timeout_s: float = PATIENCE,
) -> Check:
    """Look at a server by its addresses in turn, until one does. OutsideError: what is wrong at the first of them,
    unless the token was not accepted at another: that one does answer."""
    errors: list[OutsideError] = []
    for url in addresses:
        try:
            return await check_server(session, kind, url, token, who=who, identifier=identifier, timeout_s=timeout_s)
        except OutsideError as error:
            errors.append(error)
    raise next((error for error in errors if isinstance(error, Unauthorized)), errors[0])


def _identity_inside(who: str, answer: object) -> Identity:
    # Only behind the token does Plex tell its name.
    try:
        return read_identity("plex", answer)
    except msgspec.ValidationError:
        raise Malformed(f"{who} does not say who it is") from None


def _stranger(who: str, kind: ServerKind) -> Malformed:
    return Malformed(f"{who} is no {PRODUCTS[kind]} server, or its address lacks a part", transient=False)
