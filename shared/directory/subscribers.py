"""People as those see them who decide about them: cards, plans, rules, and what happened. Times are UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from shared.access.states import AccountState
from shared.access.terms import Effect, PersonState

from .observation import Role
from .records import MediaKind

Origin = Literal["person", "found", "by_hand", "undo"]
"""Where a rule comes from: somebody made it, it was found when the person became managed, somebody did so by hand on
the server, or a run was undone."""

EventKind = Literal[
    "added",
    "edited",
    "managed",
    "subscribed",
    "renewed",
    "gifted",
    "slid",  # the invitation is still open, so the last day was put off
    "plan_changed",  # the libraries of the person's plan are others now
    "unsubscribed",
    "suspended",
    "unsuspended",
    "rule",
    "ended",
    "spared",  # an end was undone
    "state",
    "removed",
    "came_back",
    "invited",
    "uninvited",
    "merged",
    "account_moved",
    "access",  # a run changed what an account has
]
"""Stable: the page has words for each."""


class PlanBody(Struct, frozen=True, kw_only=True):
    """What a person says of a subscription plan. `days` is the length of one period; None is for life."""

    name: str
    days: int | None = None
    stream_limit: int | None = None
    notes: str = ""
    libraries: tuple[UUID, ...] = ()


class SubscriptionPlan(Struct, frozen=True, kw_only=True):
    """A subscription plan. `people`: how many have it."""

    id: UUID
    name: str
    days: int | None
    stream_limit: int | None
    notes: str
    libraries: tuple[UUID, ...]
    people: int
    created_at: datetime


class SubscriptionView(Struct, frozen=True, kw_only=True):
    """A person's subscription. `expires_on` is its last day, None is for life; `ended`: access was taken for it."""

    plan_id: UUID | None
    plan: str
    started_on: date
    expires_on: date | None
    ended: bool


class AccountBrief(Struct, frozen=True, kw_only=True):
    """One account of a person; `libraries` counts those that it was seen to have."""

    id: UUID
    server_id: UUID
    server: str
    kind: MediaKind
    title: str
    role: Role
    state: AccountState
    libraries: int


class PersonCard(Struct, frozen=True, kw_only=True):
    """A person with subscription and accounts. One who is not `managed` is left as found on the servers."""

    id: UUID
    name: str
    email: str
    second_email: str
    language: str
    notes: str
    state: PersonState
    state_since: datetime
    managed: bool
    suspended_why: str
    subscription: SubscriptionView | None
    accounts: tuple[AccountBrief, ...]
    created_at: datetime


class PersonBody(Struct, frozen=True, kw_only=True):
    """What is said of a person to add them."""

    name: str
    email: str = ""
    second_email: str = ""
    language: str = ""
    notes: str = ""


class PersonEdit(Struct, frozen=True, kw_only=True):
    """What is changed of a person; None leaves it as it is."""

    name: str | None = None
    email: str | None = None
    second_email: str | None = None
    language: str | None = None
    notes: str | None = None


class PeopleQuery(Struct, frozen=True, kw_only=True):
    """Which people: by name, those after the person `after`.

    `text` is looked for in names, e-mails, notes and accounts. `server`: who has an account there.
    """

    text: str = ""
    state: PersonState | None = None
    plan: UUID | None = None
    server: UUID | None = None
    after: UUID | None = None
    limit: int = 100


class SubscriptionQuery(Struct, frozen=True, kw_only=True):
    """Which people with a subscription: by last day (for life comes last), those after the person `after`."""

    plan: UUID | None = None
    expiring_before: date | None = None
    after: UUID | None = None
    limit: int = 100


class Rule(Struct, frozen=True, kw_only=True):
    """An exception of one person for one library."""

    library_id: UUID
    effect: Effect
    origin: Origin
    at: datetime
    who: str
    note: str


class PersonEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a person. `before` and `after` are of a shape that `kind` tells."""

    id: int
    at: datetime
    who: str
    kind: EventKind
    before: Any
    after: Any
    note: str


class GiftResult(Struct, frozen=True, kw_only=True):
    """What became of a gift to one person: their new last day, or why there is none."""

    person_id: UUID
    name: str = ""
    expires_on: date | None = None
    error: str = ""


class StateChange(NamedTuple):
    """A person whose state is another now."""

    person_id: UUID
    name: str
    before: PersonState
    after: PersonState
