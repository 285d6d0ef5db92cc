"""Calls that show libraries and accounts, as the syncs have seen them."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from shared.directory.records import Account, Library

from ..store.database import outages_named
from .paging import Limit, uuid_after
from .route import Call, Nothing


class OfServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one server, or of all."""

    server: UUID | None = None


class OfServerPaged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one server, or of all; and which part of the list."""

    server: UUID | None = None
    limit: Limit = 100
    after: str | None = None


class LibraryList(Struct, frozen=True, kw_only=True):
    libraries: tuple[Library, ...]


class Viewers(Struct, frozen=True, kw_only=True):
    """How many people see a library, by its id; those that nobody sees are left out."""

    viewers: dict[UUID, int]


class AccountList(Struct, frozen=True, kw_only=True):
    accounts: tuple[Account, ...]
    next: str | None


async def list_libraries(call: Call, query: OfServer) -> LibraryList:
    """The libraries that are there, by title."""
    with outages_named():
        return LibraryList(libraries=tuple(await call.gateway.directory.libraries(query.server)))


async def count_viewers(call: Call, _: Nothing) -> Viewers:
    """How many people see each library of a server."""
    server_id = call.id("server_unknown")
    with outages_named():
        server = await call.gateway.directory.server(server_id)
        return Viewers(viewers=await call.gateway.directory.viewers(server.id))


async def list_accounts(call: Call, query: OfServerPaged) -> AccountList:
    """Accounts by title, removed ones too."""
    after = uuid_after(query.after)
    with outages_named():
        found = await call.gateway.directory.accounts(query.server, after=after, limit=query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    return AccountList(accounts=tuple(shown), next=str(shown[-1].id) if more else None)
