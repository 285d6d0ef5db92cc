"""A page of a few sentences and at most one thing to do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from ..api.headers import SECURITY

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "page.css").read_text("utf-8")
_PAGE = Template((_FOLDER / "page.html").read_text("utf-8"))

# The style is in the page, so that nothing else has to be reachable from outside; by its hash it alone is let in.
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    **SECURITY,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
}


def button(words: str) -> str:
    """A form of one button, which posts to the page's own address."""
    return f'<form method="post"><button>{escape(words)}</button></form>'


def link(address: str, words: str) -> str:
    """A way to go on."""
    return f'<p><a href="{escape(address)}">{escape(words)}</a></p>'


def page(
    title: str,
    sentences: Iterable[str],
    way_on: str = "",
    *,
    language: str = "en",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The page. `way_on` is a `button` or a `link`."""
    body = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences) + way_on
    text = _PAGE.substitute(language=escape(language), title=escape(title), style=_STYLE, body=body)
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers={**HEADERS, **(headers or {})}
    )
