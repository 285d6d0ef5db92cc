"""What every simulated server is made of: an HTTP server on a free port, routes, faults, counting, a journal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

import msgspec
from aiohttp import web

from tests.simulators.faults import Answer, Faults, Hold, Shorten, Truncate
from tests.simulators.patterns import compiled
from tests.simulators.records import Asked, Journal, Requests

T = TypeVar("T")

DRAIN_SECONDS = 0.1
"""How long a stop waits for requests that are under way: a held one never ends by itself."""


class Refusal(Exception):
    """The server's "no": raised anywhere in a handler, sent as it is."""

    def __init__(self, status: int, body: str = "", content_type: str = "text/plain") -> None:
        super().__init__(f"{status} {body}")
        self.response = web.Response(status=status, text=body, content_type=content_type)


class Call:
    """One request on its way through a simulator."""

    def __init__(self, request: web.Request, *, ignore_case: bool) -> None:
        self.request = request
        self.method = request.method
        self.path = request.path
        self.params: dict[str, str] = {}
        self.shortened = Shorten(kept=1.0)
        self._fold = str.lower if ignore_case else str
        self._query: dict[str, list[str]] = {}
        for name, value in request.query.items():
            self._query.setdefault(self._fold(name), []).append(value)

    def query(self, name: str) -> str | None:
        """A query parameter's first value, or None."""
        return next(iter(self._query.get(self._fold(name), [])), None)

    def words(self, name: str) -> set[str]:
        """All that a query parameter lists, separated by commas or given several times; in lower case."""
        return {word.lower() for value in self._query.get(self._fold(name), []) for word in value.split(",") if word}

    def flag(self, name: str) -> bool | None:
        """A query parameter that says true or false (or 1, 0), or None."""
        value = self.query(name)
        return None if value is None else value.lower() in ("true", "1")

    def header(self, name: str) -> str | None:
        """A header's value, or None."""
        return self.request.headers.get(name)

    @property
    def wants_json(self) -> bool:
        """Whether the Accept header asks for JSON."""
        return "json" in (self.header("Accept") or "")

    async def json_object(self) -> dict[str, object] | None:
        """The body as a JSON object, or None if it is anything else."""
        try:
            return msgspec.json.decode(await self.request.read(), type=dict[str, object])
        except msgspec.DecodeError:
            return None

    def listed(self, items: Sequence[T]) -> tuple[list[T], int]:
        """The entries to give of a listing, and how many to claim, once a fault has had its way with it."""
        given = list(items[: int(len(items) * self.shortened.kept)])
        hidden = self.shortened.hidden or not self.shortened.kept
        return given, len(given) if hidden else len(items)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]
"""A method, a path pattern, and what answers."""


class Simulator(ABC):
    """A server of the outside world; start it with `async with`, or with `start` and `stop`."""

    ignore_case = False
    """Whether paths and query names are matched regardless of letter case."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.requests = Requests()
        self.journal = Journal()
        self._host, self._port = "127.0.0.1", 0
        self._runner: web.AppRunner | None = None
        self._routes = [
            (method, compiled(pattern, ignore_case=self.ignore_case), handler)
            for method, pattern, handler in self.routes()
        ]

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """The routes this server knows, the first that fits winning."""

    def not_found(self, call: Call) -> web.StreamResponse:
        """The answer to a request that no route knows."""
        return web.Response(status=404)

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Listen; port 0 takes a free one. OSError: the port is taken."""
        self._host, self._port = host, port
        await self.come_up()
        return self

    async def stop(self) -> None:
        """Let go what is held and refuse connections from now on; harmless when stopped already."""
        self.faults.clear()
        await self.go_down()

    async def come_up(self) -> None:
        """Listen again, on the port it had."""
        if self._runner is not None:
            return
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def go_down(self) -> None:
        """Refuse connections, and cut those that are open, keeping the state for `come_up`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens, or last listened. RuntimeError: it has not been started."""
        if not self._port:
            raise RuntimeError(f"{type(self).__name__} has no address yet: start it first")
        return f"http://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = Call(request, ignore_case=self.ignore_case)
        await self.requests.note(
            Asked(method=call.method, path=call.path, query=frozenset(request.query), body=await call.json_object())
        )
        cut: float | None = None
        for effect in self.faults.due(call.method, call.path, request.query):
            match effect:
                case Hold(released=released):
                    await released.wait()
                case Answer(status=status, body=body, headers=headers):
                    return web.Response(status=status, text=body, headers=headers)
                case Shorten():
                    call.shortened = effect
                case Truncate(kept=kept):
                    cut = kept
        response = await self._answer(call)
        return response if cut is None else await _cut_short(request, response, cut)

    async def _answer(self, call: Call) -> web.StreamResponse:
        for method, pattern, handler in self._routes:
            if method == call.method and (found := pattern.fullmatch(call.path)):
                call.params = found.groupdict()
                try:
                    return await handler(call)
                except Refusal as refusal:
                    return refusal.response
        self.requests.unknown[f"{call.method} {call.path}"] += 1
        return self.not_found(call)


async def _cut_short(request: web.Request, whole: web.StreamResponse, kept: float) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    cut = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers.get("Content-Type", "")})
    cut.content_length = max(len(body), 1)
    await cut.prepare(request)
    await cut.write(body[: int(len(body) * kept)])
    if request.transport is not None:
        request.transport.close()
    return cut
