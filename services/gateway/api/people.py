"""Calls about people: who they are, what happened to them, and whose accounts are whose."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, structs

from shared.access.terms import PersonState
from shared.directory.subscribers import PeopleQuery, PersonBody, PersonCard, PersonEdit, PersonEvent

from ..details import check
from ..store.database import outages_named
from .deciding import basis, decide, person
from .paging import Limit, Page, number_after, uuid_after
from .problems import Problem
from .route import Call, Nothing

_NEWEST = 2**63 - 1


class PeopleFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The people for whom all that is given holds.

    `text` is looked for in names, e-mail addresses, notes and names of accounts; `server`: who has an account there.
    """

    text: str = ""
    state: PersonState | None = None
    plan: UUID | None = None
    server: UUID | None = None
    limit: Limit = 100
    after: str | None = None


class PersonList(Struct, frozen=True, kw_only=True):
    """`total` counts all people whom the filter finds."""

    people: tuple[PersonCard, ...]
    total: int
    next: str | None


class PersonDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to add. `language` is a tag such as `de` or `pt-BR`."""

    name: str
    email: str = ""
    second_email: str = ""
    language: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        check(structs.asdict(self))


class PersonChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: str | None = None
    email: str | None = None
    second_email: str | None = None
    language: str | None = None
    notes: str | None = None

    def __post_init__(self) -> None:
        check(structs.asdict(self))


class SuspendBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=1000)] = ""


class MergeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`other` is the person who is no more afterwards."""

    other: UUID


class InviteBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    server_id: UUID


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person_id: UUID


class PersonEvents(Struct, frozen=True, kw_only=True):
    events: tuple[PersonEvent, ...]
    next: str | None


async def list_people(call: Call, query: PeopleFilter) -> PersonList:
    """People by name, and how many there are in all."""
    values = structs.asdict(query) | {"after": uuid_after(query.after), "limit": query.limit + 1}
    wanted = PeopleQuery(**values)
    with outages_named():
        found = await call.gateway.membership.cards(wanted)
        total = await call.gateway.membership.count(wanted)
    shown, more = found[: query.limit], len(found) > query.limit
    return PersonList(people=tuple(shown), total=total, next=str(shown[-1].id) if more else None)


async def show_person(call: Call, _: Nothing) -> PersonCard:
    """One person."""
    return await person(call)


async def add_person(call: Call, body: PersonDetails) -> PersonCard:
    """Add a person."""
    with outages_named():
        added = await call.gateway.membership.add_person(PersonBody(**structs.asdict(body)), call.by)
    await call.record("person.add", str(added.id), None, body)
    return added


async def change_person(call: Call, body: PersonChange) -> PersonCard:
    """Change what is known of a person."""
    before = await person(call)
    with outages_named():
        after = await call.gateway.membership.edit_person(before.id, PersonEdit(**structs.asdict(body)), call.by)
    await call.record("person.change", str(before.id), _details(before), _details(after))
    return after


async def show_events(call: Call, page: Page) -> PersonEvents:
    """What happened to a person, newest first."""
    card = await person(call)
    with outages_named():
        found = await call.gateway.membership.events(card.id, number_after(page.after, _NEWEST), page.limit + 1)
    shown, more = found[: page.limit], len(found) > page.limit
    return PersonEvents(events=tuple(shown), next=str(shown[-1].id) if more else None)


async def suspend(call: Call, body: SuspendBody) -> PersonCard:
    """Take a person's access away until the suspension ends."""
    membership = call.gateway.membership
    return await decide(call, "person.suspend", lambda who, on: membership.suspend(who, body.reason, **on))


async def unsuspend(call: Call, _: Nothing) -> PersonCard:
    """End a suspension."""
    membership = call.gateway.membership
    return await decide(call, "person.unsuspend", lambda who, on: membership.unsuspend(who, **on))


async def merge(call: Call, body: MergeBody) -> PersonCard:
    """Make another person one with this one."""
    into, membership = call.id("person_unknown"), call.gateway.membership
    with outages_named():
        other = await membership.card(body.other)
        merged = await membership.merge(into, body.other, **await basis(call))
    await call.record("person.merge", str(into), other, merged)
    return merged


async def invite(call: Call, body: InviteBody) -> PersonCard:
    """Have a person invited to a Plex server."""
    membership = call.gateway.membership
    return await decide(call, "person.invite", lambda who, on: membership.want_account(who, body.server_id, **on))


async def uninvite(call: Call, body: InviteBody) -> PersonCard:
    """Withdraw an invitation that was not sent yet."""
    card, membership = await person(call), call.gateway.membership
    here = (account for account in card.accounts if account.server_id == body.server_id)
    wanted = next((account.id for account in here if account.state == "wanted"), None)
    if wanted is None:
        raise Problem("not_invitable", f"{card.name} has no invitation to this server that is yet to be sent.")
    return await decide(call, "person.uninvite", lambda _, on: membership.unwant_account(wanted, **on))


async def assign_account(call: Call, body: Assignment) -> PersonCard:
    """Give an account to another person."""
    account_id, membership = call.id("account_unknown"), call.gateway.membership
    with outages_named():
        await membership.assign_account(account_id, body.person_id, **await basis(call))
        card = await membership.card(body.person_id)
    await call.record("account.assign", str(account_id), None, {"person": str(card.id), "name": card.name})
    return card


def _details(card: PersonCard) -> PersonBody:
    return PersonBody(**{name: getattr(card, name) for name in PersonBody.__struct_fields__})
