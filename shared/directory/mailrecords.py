"""Messages to people, and campaigns, as those see them who send or look after them. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from shared.access.terms import PersonState
from shared.mail.terms import (
    BodyText,
    DeliveryState,
    Event,
    Kind,
    Language,
    MailPerson,
    PageText,
    Product,
    SubjectText,
    Words,
)

CampaignState = Literal["draft", "scheduled", "sending", "paused", "stopped", "sent"]
"""`scheduled`: it begins by itself. `paused`: what is not sent yet waits. `stopped` and `sent`: it is over."""


class Delivery(Struct, frozen=True, kw_only=True):
    """A message to one person. `answer`: what the mail server said last, or why it was dropped.

    `next_at`: when it may be sent, as long as it is due or deferred. `asked_by`: who had it sent again.
    """

    id: UUID
    key: str
    kind: Kind
    event: Event | None
    days: int
    person_id: UUID | None
    name: str
    address: str
    second_address: str
    language: str
    template_id: UUID | None
    campaign_id: UUID | None
    expires_on: date | None
    subject: str
    state: DeliveryState
    tries: int
    next_at: datetime
    answer: str
    message_id: str
    asked_by: str
    run: UUID | None
    created_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None


class DeliveryQuery(Struct, frozen=True, kw_only=True):
    """Which deliveries: the newest first, those older than the delivery `after`.

    `text` is looked for in names, addresses, subjects and answers.
    """

    text: str = ""
    state: DeliveryState | None = None
    kind: Kind | None = None
    person: UUID | None = None
    campaign: UUID | None = None
    after: UUID | None = None
    limit: int = 100


class Claimant(NamedTuple):
    """Who sends: the attempt of a run. What an earlier attempt still does with a delivery then counts no more."""

    run: UUID
    attempt: int


class Outgoing(Struct, frozen=True, kw_only=True):
    """A claimed delivery, with all that is needed to write it.

    `address` is where it goes now; "" if there is none any more. `person` None: they are not there any more. `words`
    None: template or campaign is not. `message_id`: that of an earlier try; "" if there was none. `asked`: somebody
    wants it sent, whatever the rules say now.
    """

    id: UUID
    key: str
    kind: Kind
    event: Event | None
    days: int
    name: str
    address: str
    language: str
    product: Product | None
    tries: int
    message_id: str
    asked: bool
    person: MailPerson | None
    words: Words | None


class Opening(Struct, frozen=True, kw_only=True):
    """A claimed delivery that is about to go out, and by what it can be recognised then."""

    id: UUID
    subject: str
    message_id: str


class Closing(Struct, frozen=True, kw_only=True):
    """What became of a delivery. `answer`: the server's words, or ours. `next_at`: of one that is deferred.

    `subject`: of one that was answered before it was started.
    """

    id: UUID
    state: Literal["sent", "deferred", "refused", "uncertain", "dropped"]
    answer: str
    next_at: datetime | None = None
    subject: str = ""


class Waiting(Struct, frozen=True, kw_only=True):
    """What could be sent now: how many deliveries, and the first of them, in the order in which they would be."""

    count: int
    first: tuple[Delivery, ...]


class Closed(Struct, frozen=True, kw_only=True):
    """What a run has closed: how many deliveries are in each state, and the first of them, in the order of claiming."""

    counts: Mapping[DeliveryState, int] = {}
    first: tuple[Delivery, ...] = ()


class Recovered(NamedTuple):
    """What dead attempts had left in hand: how much is due again, and of how much nobody knows whether it was sent."""

    due: int
    uncertain: int


class Audience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a campaign is for: people who fit all of this; what is empty lets everybody through.

    `people`: these alone. Who is suspended gets it only if `states` says so; who was removed never does.
    """

    states: tuple[PersonState, ...] = ()
    plans: tuple[UUID, ...] = ()
    servers: tuple[UUID, ...] = ()
    languages: tuple[Language, ...] = ()
    people: tuple[UUID, ...] = ()


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody who would get a campaign."""

    person_id: UUID
    name: str
    address: str
    second_address: str
    language: str


class AudienceView(Struct, frozen=True, kw_only=True):
    """Who would get a campaign now: how many, the first of them by name, and who fits but would not get it."""

    count: int
    recipients: tuple[Recipient, ...]
    unsubscribed: int
    without_address: int
    same_address: int


class CampaignBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a campaign: its words (Jinja2, see `VARIABLES`), and whom it is for."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    language: Language = "en"
    subject: SubjectText
    text: BodyText
    html: PageText = ""
    audience: Audience = Audience()


class Campaign(Struct, frozen=True, kw_only=True):
    """A campaign. `counts`: how many of its deliveries are in each state; none before it begins."""

    id: UUID
    name: str
    language: str
    subject: str
    text: str
    html: str
    audience: Audience
    state: CampaignState
    scheduled_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    counts: Mapping[DeliveryState, int] = {}


class Unsubscribed(Struct, frozen=True, kw_only=True):
    """Somebody wants no campaigns. `how`: "link", "one click", or who did it for them."""

    person_id: UUID
    at: datetime
    how: str
