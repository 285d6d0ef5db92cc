"""What a route is, and what a handler gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from aiohttp import web
from msgspec import Struct

from shared.runtime.clock import utc_now

from ..auth.callers import Caller
from ..auth.roles import Allowed, suffices
from ..board.entry import Entry
from ..context import Gateway
from ..store.accounts import Role
from ..store.audit import Deed
from .problems import CHALLENGE, Code, Problem

Taken = TypeVar("Taken", bound=Struct)


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """For calls that take neither query parameters nor a body."""


class Stream(Struct, frozen=True, forbid_unknown_fields=True):
    """For calls that are sent a file, and read it themselves, piece by piece, from `call.request.content`."""


class Json(NamedTuple):
    """An answer that is JSON already."""

    body: bytes


class Call:
    """One request, and who makes it: None is a stranger."""

    __slots__ = ("_caller", "gateway", "request")

    def __init__(self, gateway: Gateway, request: web.Request, caller: Caller | None) -> None:
        self.gateway = gateway
        self.request = request
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """Who calls. Raises `unauthenticated` for a stranger."""
        if self._caller is None:
            raise Problem("unauthenticated", "Log in first (POST /api/session), or send an API token.", CHALLENGE)
        return self._caller

    @property
    def by(self) -> str:
        """The caller's name, for what remembers who did what; empty for a stranger."""
        return self._caller.name if self._caller else ""

    @property
    def role(self) -> Role | None:
        """What the caller may; None for a stranger."""
        return self._caller.role if self._caller else None

    def require(self, role: Allowed) -> None:
        """Raises `unauthenticated` or `forbidden` for those who may less than this role."""
        if not suffices(self.role, role):
            raise Problem("forbidden", f"This takes the role {role}; yours is {self.caller.role}.")

    @property
    def path(self) -> web.UrlMappingMatchInfo:
        return self.request.match_info

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.remote or ""

    def entry(self, name: str = "") -> Entry:
        """The job with this name, or that the path names. Raises `job_unknown`."""
        name = name or self.path["name"]
        entry = self.gateway.board.find(name)
        if entry is None:
            raise Problem("job_unknown", f"There is no job named {name}.")
        return entry

    def id(self, otherwise: Code) -> UUID:
        """The id in the path. Raises `otherwise` when it is none."""
        try:
            return UUID(self.path["id"])
        except ValueError:
            raise Problem(otherwise) from None

    async def record(self, action: str, target: str, before: Any = None, after: Any = None) -> None:
        """Write in the audit trail that the caller did this."""
        deed = Deed(
            at=utc_now(),
            who=self.by,
            address=self.address,
            action=action,
            target=target,
            before=before,
            after=after,
        )
        await self.gateway.trail.write(deed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[Taken]):
    """One call of the API.

    `takes` is the struct of the query parameters (GET, DELETE) or of the body (the others). `gives` is the type of the
    answer: a struct, None for an answer without a body, or the name of a content type that is not JSON.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Callable[[Call, Taken], Awaitable[object]]
    takes: type[Taken]
    gives: Any
    role: Allowed
    does: str
    problems: tuple[Code, ...] = ()
    status: int = 200

    @property
    def takes_body(self) -> bool:
        return self.method in {"POST", "PUT"}
