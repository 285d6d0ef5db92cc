"""Calls about one person's access: what they should have, what they have, why, and the exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from shared.access.intent import Code as ReasonCode
from shared.access.intent import why
from shared.access.terms import AccessPolicy, Effect, Servings
from shared.directory.accessbook import Trouble
from shared.directory.observation import Role
from shared.directory.records import MediaKind
from shared.directory.subscribers import PersonCard, Rule

from ..outlook import Outlook, outlook_of
from ..store.database import outages_named
from .deciding import person
from .problems import Problem
from .route import Call, Nothing
from .waiting import Waiting, waiting


class RuleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`always` holds even when the person's access has ended."""

    effect: Effect
    note: Annotated[str, Meta(max_length=1000)] = ""


class ReasonView(Struct, frozen=True, kw_only=True):
    """Why somebody should have a library, or should not: the plan, the exception, or the day that decides."""

    code: ReasonCode
    plan: str = ""
    on: date | None = None
    rule: Rule | None = None


class LibraryAccess(Struct, frozen=True, kw_only=True):
    """`intended` is null where nothing is decided: what is observed stays as it is."""

    id: UUID
    title: str
    intended: bool | None
    observed: bool
    todo: Literal["give", "take", "adopt_given", "adopt_taken"] | None
    reason: ReasonView


class AccountAccess(Struct, frozen=True, kw_only=True):
    """One account. `held_by` is the run that waits for approval; `settled_at`: when it last was as it should be."""

    account_id: UUID
    title: str
    role: Role
    state: str
    server_id: UUID
    server: str
    kind: MediaKind
    all_libraries: bool
    lock: bool | None
    invite: bool
    trouble: Trouble | None
    held_by: UUID | None
    settled_at: datetime | None
    libraries: tuple[LibraryAccess, ...]


class PersonAccess(Struct, frozen=True, kw_only=True):
    person_id: UUID
    managed: bool
    accounts: tuple[AccountAccess, ...]
    rules: tuple[Rule, ...]


class _Person(Struct, frozen=True, kw_only=True):
    """What is needed of one person to explain their access."""

    card: PersonCard
    rules: Mapping[UUID, Rule]
    plans: Mapping[UUID, str]
    waits: Waiting
    settled: Mapping[UUID, datetime]
    policy: AccessPolicy


async def show_access(call: Call, _: Nothing) -> PersonAccess:
    """For each account of a person the libraries that they should have and those that they have, and why."""
    return await _access(call, await person(call))


async def set_rule(call: Call, body: RuleBody) -> PersonAccess:
    """Make an exception of one person and one library."""
    return await _decide(call, body.effect, body.note)


async def clear_rule(call: Call, _: Nothing) -> PersonAccess:
    """End an exception."""
    return await _decide(call, None, "")


async def _decide(call: Call, effect: Effect | None, note: str) -> PersonAccess:
    card, library_id, membership = await person(call), _library_id(call), call.gateway.membership
    with outages_named():
        former = {rule.library_id: rule for rule in await membership.rules(card.id)}.get(library_id)
        await membership.set_rule(card.id, library_id, effect, note, by=call.by)
    after = {"library": str(library_id), "effect": effect, "note": note}
    await call.record("person.rule", str(card.id), former, after)
    return await _access(call, await person(call))


async def _access(call: Call, card: PersonCard) -> PersonAccess:
    gateway = call.gateway
    account_ids = [account.id for account in card.accounts]
    with outages_named():
        rules = await gateway.membership.rules(card.id)
        about = _Person(
            card=card,
            rules={rule.library_id: rule for rule in rules},
            plans={plan.id: plan.name for plan in await gateway.membership.plans()},
            waits=await waiting(call),
            settled=await gateway.access_book.settled_at(account_ids),
            policy=await gateway.preferences.access(),
        )
        accounts = [await _account(call, about, account_id) for account_id in account_ids]
    return PersonAccess(person_id=card.id, managed=card.managed, accounts=tuple(accounts), rules=tuple(rules))


async def _account(call: Call, about: _Person, account_id: UUID) -> AccountAccess:
    servings = await call.gateway.access_book.serving_of(account_id)
    libraries = await call.gateway.directory.libraries(servings.server_id)
    (holding,) = servings.holdings
    outlook = outlook_of(holding, servings, about.policy)
    decision = outlook.decision
    return AccountAccess(
        account_id=account_id,
        title=holding.title,
        role=holding.role,
        state=holding.state,
        server_id=servings.server_id,
        server=servings.name,
        kind=servings.kind,
        all_libraries=holding.all_libraries,
        lock=decision.lock if decision else None,
        invite=decision.invite if decision else False,
        trouble=about.waits.troubles.get(account_id),
        held_by=about.waits.held.get(account_id),
        settled_at=about.settled.get(account_id),
        libraries=tuple(
            _library(about, outlook, servings, library.id, library.number)
            for library in libraries
            if library.number in servings.titles
        ),
    )


def _library(about: _Person, outlook: Outlook, servings: Servings, library_id: UUID, number: int) -> LibraryAccess:
    reason = why(outlook.person, outlook.holding, number, servings)
    subscription = about.card.subscription
    return LibraryAccess(
        id=library_id,
        title=servings.titles[number],
        intended=None if outlook.intended is None else number in outlook.intended,
        observed=number in outlook.holding.observed,
        todo=_todo(outlook, number),
        reason=ReasonView(
            code=reason.code,
            plan=about.plans.get(reason.plan_id, "") if reason.plan_id else "",
            on=subscription.expires_on if subscription and reason.code == "ended" else None,
            rule=about.rules.get(library_id) if reason.code.startswith("rule_") else None,
        ),
    )


def _todo(outlook: Outlook, number: int) -> Literal["give", "take", "adopt_given", "adopt_taken"] | None:
    decision = outlook.decision
    if decision is None:
        return None
    if number in decision.give:
        return "give"
    if number in decision.take:
        return "take"
    if number in decision.adopt_given:
        return "adopt_given"
    return "adopt_taken" if number in decision.adopt_taken else None


def _library_id(call: Call) -> UUID:
    try:
        return UUID(call.path["library"])
    except ValueError:
        raise Problem("library_unknown") from None
