"""The words of mail, as values. Days are calendar days in the zone of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Meta, Struct

from shared.access.terms import PersonState
from shared.outside.mail.providers import PROVIDERS, Provider
from shared.outside.mail.setup import MailServer

Event = Literal[
    "before_expiry",  # so many days before the last day; 0: on it
    "expired",  # the last day is over
    "after_expiry",  # so many days after the last day
    "pending_invitation",  # so many days after an invitation that is still open
    "welcome",  # the first subscription
    "subscription_changed",  # renewed, given as a gift, or another one
    "access_restored",  # access that had ended, or was suspended, is back
]
"""What a notice is about. Stable: the page has words for each."""

EXPIRY: frozenset[Event] = frozenset({"before_expiry", "expired", "after_expiry"})
NEWS: frozenset[Event] = frozenset({"welcome", "subscription_changed", "access_restored"})
COUNTED: frozenset[Event] = frozenset({"before_expiry", "after_expiry", "pending_invitation"})
"""Those that come a number of days before or after something."""

Kind = Literal["notice", "campaign", "test"]
Product = Literal["plex", "jellyfin"]
DeliveryState = Literal["due", "claimed", "sending", "sent", "deferred", "refused", "uncertain", "dropped"]
"""`claimed`: a run has it, and nothing has gone out. `sending`: it may have. `uncertain`: nobody knows if it has."""

SecretName = Literal["smtp_password", "oauth_client_secret", "oauth_refresh_token"]

DaysAway = Annotated[int, Meta(ge=0, le=365)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
SubjectText = Annotated[str, Meta(min_length=1, max_length=500)]
BodyText = Annotated[str, Meta(min_length=1, max_length=50_000)]
PageText = Annotated[str, Meta(max_length=200_000)]


class OAuthClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Showrunner, as it is registered with a provider; a provider that is not well known is spelled out."""

    provider: Literal["google", "microsoft"] | Provider
    client_id: str

    @property
    def endpoints(self) -> Provider:
        """Where the provider's authorization server is, and what to ask it for."""
        return PROVIDERS[self.provider] if isinstance(self.provider, str) else self.provider


class MailPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the settings say about mail. Without a server, none is sent.

    `per_minute` and `per_day` are the most messages; None: as fast as it goes. `public_url` is where people reach
    Showrunner from outside: campaigns need it, for the link to unsubscribe.
    """

    server: MailServer | None = None
    oauth: OAuthClient | None = None
    per_minute: Annotated[int, Meta(ge=1, le=60_000)] | None = None
    per_day: Annotated[int, Meta(ge=1)] | None = None
    default_language: Language = "en"
    brand_name: Annotated[str, Meta(max_length=100)] = "Showrunner"
    public_url: Annotated[str, Meta(max_length=500)] = ""

    def __post_init__(self) -> None:
        place = urlsplit(self.public_url)
        if self.public_url and (place.scheme not in ("http", "https") or not place.hostname):
            raise ValueError("`public_url` has to look like https://showrunner.example.org")
        if not self.public_url.isascii():
            # It stands in a header of each campaign's message.
            raise ValueError("`public_url` has to be in ASCII: write a name such as bücher.de as xn--bcher-kva.de")


class TemplateBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a template: when it is for, for whom, and its words (Jinja2, see `VARIABLES`).

    `provider` and `plan_id`: for people with an account there, or with this plan; None is for all. Without `html`, only
    the text is sent. One that is not `enabled`, and fits best, says that nothing is sent.
    """

    event: Event
    days: DaysAway = 0
    language: Language
    provider: Product | None = None
    plan_id: UUID | None = None
    subject: SubjectText
    text: BodyText
    html: PageText = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        if self.days and self.event not in COUNTED:
            raise ValueError(f"A template for {self.event} has no `days`: it is sent as soon as that happens")
        if not self.days and self.event in ("after_expiry", "pending_invitation"):
            raise ValueError(f"A template for {self.event} needs `days`: at least 1")


class MailTemplate(TemplateBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template that is kept. There is one at most for the same event, days, language, provider and plan."""

    id: UUID
    changed_at: datetime | None = None
    changed_by: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """The newest change of a person's subscription, and the day of it; `id` is that of the event in their history.

    `restored`: it gave back access that had ended, or was suspended.
    """

    id: int
    on: date
    restored: bool = False


class Login(Struct, frozen=True, kw_only=True):
    """A person's account on a server: what they log in there with, and where they find it."""

    product: Product
    server: str
    url: str
    username: str


class MailPerson(Struct, frozen=True, kw_only=True):
    """All of a person that decides about mail, and is said in it.

    `staff`: they own or administer a server. `invited_on`: since when all they have is an open invitation.
    `subscribed_on`: when they got their first subscription, or accepted the invitation to it. `change` is one of the
    last few days.
    """

    id: UUID
    name: str
    email: str = ""
    second_email: str = ""
    language: str = ""
    state: PersonState = "active"
    managed: bool = True
    staff: bool = False
    unsubscribed: bool = False
    plan_id: UUID | None = None
    plan: str = ""
    expires_on: date | None = None
    invited_on: date | None = None
    subscribed_on: date | None = None
    change: Change | None = None
    logins: tuple[Login, ...] = ()

    @property
    def address(self) -> str:
        """Where mail for them goes."""
        return self.email or self.second_email

    @property
    def second_address(self) -> str:
        """Where it goes if the first address refuses it for good."""
        return self.second_email if self.second_email not in ("", self.address) else ""

    @property
    def products(self) -> frozenset[Product]:
        """Where they have accounts."""
        return frozenset(login.product for login in self.logins)


class Due(Struct, frozen=True, kw_only=True):
    """A notice that is to be sent now. `key` is what may be sent once."""

    key: str
    event: Event
    days: int
    person_id: UUID
    name: str
    address: str
    second_address: str = ""
    language: str
    template_id: UUID
    expires_on: date | None = None


class Words(Struct, frozen=True, kw_only=True):
    """What a message is written from (Jinja2)."""

    subject: str
    text: str
    html: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """What a message says. The subject is one line."""

    subject: str
    text: str
    html: str = ""


Values = Mapping[str, str | int]
"""What stands for the variables of a template."""
