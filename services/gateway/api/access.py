"""The call that shows intended access beside observed access, for all accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.access.terms import Decision, Libraries
from shared.directory.accessbook import Trouble
from shared.directory.observation import Role
from shared.directory.records import MediaKind

from ..outlook import Outlook, ServerOutlook
from ..store.database import outages_named
from .paging import Limit, bad_cursor, uuid_after
from .route import Call
from .waiting import Waiting, waiting

Place = tuple[ServerOutlook, Outlook]

_NOBODY = UUID(int=0)
NOTHING_TO_DO = Decision(account_id=_NOBODY, person_id=_NOBODY, before=frozenset(), after=frozenset())


class AccessFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one server, or of all. `differences`: only accounts on which there is something to do, or that wait."""

    server: UUID | None = None
    differences: bool = False
    limit: Limit = 100
    after: str | None = None


class AccessRow(Struct, frozen=True, kw_only=True):
    """One account; libraries go by their titles. `intended` is null where nothing is decided: it is left as found.

    `give` and `take` are to be done on the server. `adopt_given` and `adopt_taken` were done there by hand, and become
    exceptions of the person. `lock`: the user is to be locked out, or let in again. `held_by` is the run that waits for
    approval before it takes anything. `settled_at`: when the account last was as it should be.
    """

    account_id: UUID
    account: str
    role: Role
    state: str
    person_id: UUID
    person: str
    managed: bool
    server_id: UUID
    server: str
    kind: MediaKind
    observed: tuple[str, ...]
    intended: tuple[str, ...] | None
    give: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    adopt_given: tuple[str, ...] = ()
    adopt_taken: tuple[str, ...] = ()
    lock: bool | None = None
    invite: bool = False
    trouble: Trouble | None
    held_by: UUID | None
    settled_at: datetime | None


class AccessList(Struct, frozen=True, kw_only=True):
    """`accounts` counts all on the servers that were asked for, `differing` those on which there is something to do."""

    rows: tuple[AccessRow, ...]
    accounts: int
    differing: int
    next: str | None


async def list_access(call: Call, query: AccessFilter) -> AccessList:
    """What accounts should have beside what they have, by server and person."""
    gateway, places, waits = call.gateway, await _places(call, query.server), await waiting(call)
    listed = places[_behind(places, uuid_after(query.after)) :]
    if query.differences:
        listed = [place for place in listed if _differs(place[1], waits)]
    shown = listed[: query.limit]
    with outages_named():
        settled = await gateway.access_book.settled_at([account.holding.account_id for _, account in shown])
    return AccessList(
        rows=tuple(_row(server, account, waits, settled) for server, account in shown),
        accounts=len(places),
        differing=sum(account.decision is not None for _, account in places),
        next=str(shown[-1][1].holding.account_id) if len(listed) > len(shown) else None,
    )


async def _places(call: Call, server_id: UUID | None) -> list[Place]:
    gateway = call.gateway
    with outages_named():
        policy = await gateway.preferences.access()
        servers = (
            await gateway.directory.servers() if server_id is None else [await gateway.directory.server(server_id)]
        )
        outlooks = [await gateway.outlooks.of(server.id, policy) for server in servers if server.serves_media]
    return [(outlook, account) for outlook in outlooks for account in outlook.accounts]


def _differs(account: Outlook, waits: Waiting) -> bool:
    return account.decision is not None or waits.concerns(account.holding.account_id)


def _behind(places: Sequence[Place], after: UUID | None) -> int:
    """The index behind the account `after`. Raises `bad_parameter` when it is not there (any more)."""
    if after is None:
        return 0
    for index, (_, account) in enumerate(places):
        if account.holding.account_id == after:
            return index + 1
    raise bad_cursor()


def _row(server: ServerOutlook, account: Outlook, waits: Waiting, settled: Mapping[UUID, datetime]) -> AccessRow:
    servings, holding, decision = server.servings, account.holding, account.decision or NOTHING_TO_DO
    known = servings.titles

    def titles(libraries: Libraries) -> tuple[str, ...]:
        return tuple(sorted(known[number] for number in libraries if number in known))

    return AccessRow(
        account_id=holding.account_id,
        account=holding.title,
        role=holding.role,
        state=holding.state,
        person_id=holding.person_id,
        person=account.person.name,
        managed=account.person.managed,
        server_id=servings.server_id,
        server=servings.name,
        kind=servings.kind,
        observed=titles(holding.observed),
        intended=None if account.intended is None else titles(account.intended),
        give=titles(decision.give),
        take=titles(decision.take),
        adopt_given=titles(decision.adopt_given),
        adopt_taken=titles(decision.adopt_taken),
        lock=decision.lock,
        invite=decision.invite,
        trouble=waits.troubles.get(holding.account_id),
        held_by=waits.held.get(holding.account_id),
        settled_at=settled.get(holding.account_id),
    )
