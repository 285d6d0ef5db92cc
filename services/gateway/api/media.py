"""Calls that show libraries, people and accounts, as the syncs have seen them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from shared.directory.records import Account, Library, Person

from ..store.database import outages_named
from .paging import Limit, Page, uuid_after
from .route import Call


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


class PersonList(Struct, frozen=True, kw_only=True):
    people: tuple[Person, ...]
    next: str | None


class AccountList(Struct, frozen=True, kw_only=True):
    accounts: tuple[Account, ...]
    next: str | None


async def list_libraries(call: Call, query: OfServer) -> LibraryList:
    """The libraries that are there, by title."""
    with outages_named():
        return LibraryList(libraries=tuple(await call.gateway.directory.libraries(query.server)))


async def list_people(call: Call, page: Page) -> PersonList:
    """People by name."""
    after = uuid_after(page.after)
    with outages_named():
        found = await call.gateway.directory.people(after=after, limit=page.limit + 1)
    shown = found[: page.limit]
    return PersonList(people=tuple(shown), next=_next(shown, found))


async def list_accounts(call: Call, query: OfServerPaged) -> AccountList:
    """Accounts by title, removed ones too."""
    after = uuid_after(query.after)
    with outages_named():
        found = await call.gateway.directory.accounts(query.server, after=after, limit=query.limit + 1)
    shown = found[: query.limit]
    return AccountList(accounts=tuple(shown), next=_next(shown, found))


def _next(shown: Sequence[Person | Account], found: Sequence[Person | Account]) -> str | None:
    return str(shown[-1].id) if len(found) > len(shown) else None
