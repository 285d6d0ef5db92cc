"""Calls to the API over HTTP, and what its errors mean for a command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from msgspec import Struct

from shared.runtime.secrets import Secret

from .errors import Missing, NotAllowed, NotReachable, Refused, RemoteError

T = TypeVar("T")

ANSWER_WITHIN = aiohttp.ClientTimeout(total=60, connect=10)  # seconds; a server that is looked at takes its time
LONG_WORK = aiohttp.ClientTimeout(total=3600, connect=10)  # a large database is backed up, or restored
# The gateway writes at least every 15 s to an open stream.
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=40)
COOKIE = "showrunner_session"
LOG_IN = "log in with `showrunner login`, or give an API token with SHOWRUNNER_TOKEN"
_decode = msgspec.json.decode


class Key(Struct, frozen=True):
    """What opens the API: an API token, or the session of a log-in; nothing for a stranger."""

    token: Secret = Secret("")
    session: Secret = Secret("")

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each request."""
        if self.token:
            return {"Authorization": f"Bearer {self.token.reveal()}"}
        return {"Cookie": f"{COOKIE}={self.session.reveal()}"} if self.session else {}


class _Problem(Struct):
    code: str
    detail: str


class Api:
    """The API at one address, used by one person or program."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url

    async def get(self, path: str, **query: object) -> bytes:
        """An answer in JSON. What has no value is left out of the query."""
        return await self._call("GET", path, params=_given(query))

    async def read(self, answer: type[T], path: str, **query: object) -> T:
        """An answer as a struct."""
        return _decode(await self.get(path, **query), type=answer)

    async def post(self, path: str, **body: object) -> bytes:
        """An answer in JSON, to a body of which what is None was left out."""
        return await self._call("POST", path, json=_body(body))

    async def post_long(self, path: str, **body: object) -> bytes:
        """The same for work whose answer may take an hour."""
        return await self._call("POST", path, json=_body(body), timeout=LONG_WORK)

    async def post_file(self, path: str, file: BinaryIO) -> bytes:
        """An answer in JSON, to a file that is sent as it is."""
        return await self._call("POST", path, data=file, timeout=LONG_WORK)

    async def put(self, path: str, **body: object) -> bytes:
        """The same for a change."""
        return await self._call("PUT", path, json=_body(body))

    async def delete(self, path: str) -> bytes:
        """The same for a removal."""
        return await self._call("DELETE", path)

    async def log_in(self, account: str, password: Secret) -> tuple[bytes, Secret]:
        """Who that is, and the session."""
        body = {"account": account, "password": password.reveal()}
        async with self._answer("POST", "/api/session", json=body) as response:
            session = response.cookies.get(COOKIE)
            if session is None:
                raise Refused(f"{self.url} gave us no session: is it a Showrunner?")
            return await response.read(), Secret(session.value)

    @asynccontextmanager
    async def stream(self, path: str, last_id: str = "") -> AsyncIterator[aiohttp.StreamReader]:
        """An event stream, from behind the event `last_id` on."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        async with self._answer("GET", path, headers=headers, timeout=STREAM_TIMEOUT) as response:
            yield response.content

    async def _call(self, method: str, path: str, **given: Any) -> bytes:
        async with self._answer(method, path, **given) as response:
            return await response.read()

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **given: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer. RemoteError: there was none."""
        try:
            # A redirect would carry the token to wherever it leads.
            async with self._http.request(method, self.url + path, allow_redirects=False, **given) as response:
                if response.status >= 300:
                    raise await self._failure(response)
                yield response
        except TimeoutError as error:
            raise NotReachable(
                f"{self.url} does not answer in time: is it overloaded, or behind a firewall?"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NotReachable(self._unreachable(error)) from error

    async def _failure(self, response: aiohttp.ClientResponse) -> RemoteError:
        if response.status < 400:
            target = response.headers.get("Location", "elsewhere")
            return Refused(f"{self.url} sends us to {target}: give the address that it means with --url")
        try:
            problem = _decode(await response.read(), type=_Problem)
        except msgspec.DecodeError:
            if response.status in {502, 503, 504}:
                return NotReachable(f"the proxy at {self.url} does not reach Showrunner ({response.status})")
            return Refused(f"{self.url} answers {response.status}, and not as Showrunner does: is it one?")
        by_token = "Authorization" in response.request_info.headers
        return failure(response.status, problem.code, problem.detail, by_token=by_token)

    def _unreachable(self, error: Exception) -> str:
        reason = (getattr(error, "os_error", None) or error).__class__.__name__
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            return f"the certificate of {self.url} can't be trusted: {error}"
        if isinstance(error, aiohttp.ClientConnectorError):
            return (
                f"nobody answers at {self.url} ({_words(reason)}): start it with `showrunner up`, "
                "or say where it is with --url or SHOWRUNNER_URL"
            )
        return f"the connection to {self.url} was lost ({_words(reason)}): try again"


def failure(status: int, code: str, detail: str, *, by_token: bool = False) -> RemoteError:
    """What an error of the API (RFC 9457) means for a command; `by_token`: an API token was shown."""
    if code == "unauthenticated":
        return NotAllowed(detail if by_token else f"not logged in: {LOG_IN}")
    if status in {401, 403}:
        return NotAllowed(detail)
    if status == 404:
        return Missing(detail)
    if status == 503:
        return NotReachable(detail)
    return Refused(detail, code)


@asynccontextmanager
async def open_api(url: str, key: Key) -> AsyncIterator[Api]:
    """The API, until the block ends."""
    jar = aiohttp.DummyCookieJar()
    headers = {"Accept": "application/json", "User-Agent": "showrunner-cli", **key.headers}
    async with aiohttp.ClientSession(headers=headers, cookie_jar=jar, timeout=ANSWER_WITHIN) as http:
        yield Api(http, url)


def part(text: str) -> str:
    """A name as one part of a path."""
    return quote(text, safe="")


def _given(query: Mapping[str, object]) -> dict[str, str]:
    return {name: _written(value) for name, value in query.items() if value is not None}


def _body(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(name: str) -> str:
    """`ConnectionRefusedError` as `connection refused`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name.removesuffix("Error"))
    return spaced.strip()
