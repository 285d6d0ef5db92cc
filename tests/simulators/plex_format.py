"""How Plex writes: one tree of elements, as XML (all of Plex) or as JSON (media servers, and plex.tv's version 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

import msgspec
from aiohttp import web

Value = str | int | bool | None


@dataclass(frozen=True)
class Element:
    """An element. `json_tag` is its name in a media server's JSON, where an only child is no list if it is `single`;
    `plain_list` makes plex.tv write a list for it."""

    tag: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    children: Sequence[Element] = ()
    json_tag: str = ""
    single: bool = False
    plain_list: bool = False
    text: str = ""


def seconds(moment: datetime | None) -> int | None:
    """A moment as Plex writes it: whole seconds since the Unix epoch."""
    return None if moment is None else int(moment.timestamp())


def xml_response(root: Element, *, status: int = 200) -> web.Response:
    """The tree as XML: true is 1, false is 0, null is left out."""
    text = "".join(_xml(root))
    return web.Response(
        status=status, text=f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', content_type="application/xml"
    )


def json_response(content: object, *, status: int = 200) -> web.Response:
    """Anything as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


def server_json(root: Element) -> dict[str, object]:
    """The tree as a media server writes it: children of one name gathered in a list, null left out."""
    return {root.tag: _server_object(root)}


def plextv_json(element: Element) -> object:
    """The tree as plex.tv's version 2 writes it: an object with its children inside, null written out."""
    if element.plain_list:
        return [plextv_json(child) for child in element.children]
    inside: dict[str, object] = dict(element.attributes)
    return inside | {child.tag: plextv_json(child) for child in element.children}


def _xml(element: Element) -> Iterator[str]:
    # Thousands of elements an answer: by way of ElementTree that takes four times as long.
    attributes = [f" {name}={_quoted(value)}" for name, value in element.attributes.items() if value is not None]
    yield f"<{element.tag}{''.join(attributes)}"
    if not element.text and not element.children:
        yield " />"
        return
    yield f">{escape(element.text)}"
    for child in element.children:
        yield from _xml(child)
    yield f"</{element.tag}>"


@lru_cache(maxsize=10_000)
def _quoted(value: str | int | bool) -> str:
    return quoteattr(value) if isinstance(value, str) else f'"{int(value)}"'


def _server_object(element: Element) -> dict[str, object]:
    content: dict[str, object] = {name: value for name, value in element.attributes.items() if value is not None}
    gathered: dict[str, list[object]] = {}
    for child in element.children:
        if child.single:
            content[child.tag] = _server_object(child)
            continue
        gathered.setdefault(child.json_tag or child.tag, []).append(_server_object(child))
    return content | gathered
