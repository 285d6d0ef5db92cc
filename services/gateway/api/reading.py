"""From a request to the struct that its route takes; whatever is wrong with it is named."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from .problems import Problem
from .route import Route, Stream

Taken = TypeVar("Taken", bound=Struct)

LARGEST_BODY = 1024 * 1024

_decoders: dict[type[Struct], msgspec.json.Decoder[Struct]] = {}


async def read(route: Route[Taken], request: web.Request) -> Taken:
    """What the caller gives. Raises `unknown_parameter`, `bad_parameter`, `bad_body` or `body_too_large`."""
    if route.takes_body:
        if request.query_string:
            raise Problem("unknown_parameter", "This call takes no query parameters.")
        if route.takes is Stream:
            return route.takes()
        return _body(await raw_body(request) or b"{}", route.takes)
    return _query(request, route.takes)


async def raw_body(request: web.Request) -> bytes:
    """All that was sent. Raises `body_too_large`."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Problem("body_too_large") from None


def _body(body: bytes, takes: type[Taken]) -> Taken:
    decoder = _decoders.get(takes)
    if decoder is None:
        decoder = _decoders[takes] = msgspec.json.Decoder(takes)
    try:
        return decoder.decode(body)  # type: ignore[return-value]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("bad_body", f"The body can't be used: {error}.") from None


def _query(request: web.Request, takes: type[Taken]) -> Taken:
    if not request.query_string:
        return msgspec.convert({}, takes)
    given = request.query
    known = takes.__struct_fields__
    for name in given:
        if name not in known:
            allowed = f"this call knows {', '.join(known)}" if known else "this call takes none"
            raise Problem("unknown_parameter", f"There is no query parameter {name!r}: {allowed}.")
        if len(given.getall(name)) > 1:
            raise Problem("bad_parameter", f"The query parameter {name!r} is given more than once.")
    try:
        return msgspec.convert(dict(given), takes, strict=False)
    except msgspec.ValidationError as error:
        raise Problem("bad_parameter", f"A query parameter can't be used: {error}.") from None
