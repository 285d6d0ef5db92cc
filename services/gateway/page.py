"""The page, as `make web` built it: read once, compressed when first asked for, served to any browser at /admin/."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cached_property
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from .api.headers import FRAMED, SECURITY

log = structlog.get_logger()

BUILT = Path(__file__).parent / "web" / "dist"

# What the build names after its content never changes under that name; the rest is asked for anew each time.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

# An empty page that the page fills with a mail, to show what it looks like.
_FRAME = "frame.html"

_NOT_BUILT = "The page has not been built here: run `make web` in the checkout, then start Showrunner again.\n"


class PageFile:
    """One file of the page, ready to be sent."""

    def __init__(self, name: str, content: bytes) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._plain = content
        self._etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        self._headers = {
            **(FRAMED if name == _FRAME else SECURITY),
            "Cache-Control": _FOR_EVER if name.startswith("assets/") else _ASK_AGAIN,
            "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "ETag": self._etag,
            "Vary": "Accept-Encoding",
        }

    @cached_property
    def _packed(self) -> bytes:
        return gzip.compress(self._plain, 9, mtime=0)

    def answer(self, request: web.Request) -> web.Response:
        """The file, or 304 to a browser that has it."""
        if self._etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=self._headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self._packed, headers={**self._headers, "Content-Encoding": "gzip"})
        return web.Response(body=self._plain, headers=self._headers)


class Page:
    """All files of a built page."""

    def __init__(self, folder: Path = BUILT) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        self._files = {name: PageFile(name, path.read_bytes()) for name, path in names.items()}
        if "index.html" not in self._files:
            log.warning("page_not_built", folder=str(folder), mend="make web")

    def add_to(self, app: web.Application) -> None:
        """Serve the page: its files under their names, the page itself at /admin/ and all below, and / leads there."""
        app.router.add_get("/", _to_jobs)
        app.router.add_get("/admin", _to_jobs)
        app.router.add_get("/admin/{place:.*}", self._show)
        for name, file in self._files.items():
            if name != "index.html":
                app.router.add_get(f"/{name}", _sender(file))

    async def _show(self, request: web.Request) -> web.Response:
        index = self._files.get("index.html")
        if index is None:
            return web.Response(status=503, text=_NOT_BUILT, headers=SECURITY)
        return index.answer(request)


def _sender(file: PageFile) -> Handler:
    async def send(request: web.Request) -> web.StreamResponse:
        return file.answer(request)

    return send


async def _to_jobs(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={**SECURITY, "Location": "/admin/jobs"})
