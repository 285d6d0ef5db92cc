"""What can go wrong with a simulated server, set by a test and used up request by request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulators.patterns import matches


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Answer with this status instead of doing the work; nothing changes on the server."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Do not go on before `released` is set."""

    released: asyncio.Event


@dataclass(frozen=True, kw_only=True)
class Shorten:
    """Give only the first `kept` share (0 to 1) of a listing, whose counts still tell the whole unless `hidden`.

    With nothing kept the counts are 0 too: an empty list is a credible answer, which is what makes it dangerous.
    """

    kept: float
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Truncate:
    """Do the work, promise the whole body (Content-Length), send the first `kept` share of it and hang up."""

    kept: float


Effect = Answer | Hold | Shorten | Truncate


@dataclass
class _Fault:
    method: str
    pattern: str
    effect: Effect
    skip: int
    left: int | None
    query: Mapping[str, str] = field(default_factory=dict)

    def take(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether it strikes this request; uses it up by one."""
        if self.left == 0 or self.method not in ("*", method) or not matches(self.pattern, path):
            return False
        said = {name.lower(): value for name, value in query.items()}
        if any(said.get(name.lower()) != value for name, value in self.query.items()):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults that are set on one server.

    In every method: `pattern` is a path pattern (see `patterns`), `method` an HTTP method or `*`,
    `after` lets that many matching requests pass first, `times` is how many are struck (None: all from then on).
    """

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def answer(
        self,
        pattern: str,
        status: int,
        *,
        method: str = "*",
        after: int = 0,
        times: int | None = None,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> None:
        """Answer `status` (say 500, 503, 429 with a Retry-After header, 410) without doing anything.

        With a `query`, only those are struck whose own says the same (and whatever else): one user's, say.
        """
        self._add(method, pattern, Answer(status=status, body=body, headers=headers or {}), after, times, query=query)

    def hold(self, pattern: str, *, method: str = "*", after: int = 0, times: int | None = None) -> asyncio.Event:
        """Leave requests unanswered until the event that is returned is set."""
        released = asyncio.Event()
        self._add(method, pattern, Hold(released=released), after, times)
        return released

    def truncate(
        self, pattern: str, *, method: str = "*", after: int = 0, times: int | None = None, kept: float = 0.5
    ) -> None:
        """Cut the body off after a share `kept` of it, although Content-Length promised it all."""
        self._add(method, pattern, Truncate(kept=kept), after, times)

    def empty(self, pattern: str, *, method: str = "*", after: int = 0, times: int | None = None) -> None:
        """Answer a listing with an empty list and 200."""
        self._add(method, pattern, Shorten(kept=0.0), after, times)

    def half(self, pattern: str, *, method: str = "*", after: int = 0, times: int | None = None) -> None:
        """Answer a listing with its first half, and with counts (where its format has them) that tell the whole."""
        self._add(method, pattern, Shorten(kept=0.5), after, times)

    def hidden_half(self, pattern: str, *, method: str = "*", after: int = 0, times: int | None = None) -> None:
        """Answer a listing with its first half, and with counts that claim this to be all."""
        self._add(method, pattern, Shorten(kept=0.5, hidden=True), after, times)

    def clear(self) -> None:
        """Forget all faults, and let go what is held."""
        for fault in self._faults:
            if isinstance(fault.effect, Hold):
                fault.effect.released.set()
        self._faults.clear()

    def due(self, method: str, path: str, query: Mapping[str, str]) -> list[Effect]:
        """The effects that strike this request, in the order in which they were set."""
        return [fault.effect for fault in self._faults if fault.take(method, path, query)]

    def _add(
        self,
        method: str,
        pattern: str,
        effect: Effect,
        after: int,
        times: int | None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> None:
        self._faults.append(_Fault(method.upper(), pattern, effect, after, times, query or {}))
