"""The entries of the file. What an entry leaves out has its default; only a job's `enabled` follows the job's spec."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from shared.access.terms import AccessPolicy
from shared.backups.retention import BackupPolicy
from shared.directory.alertrecords import AlertPolicy
from shared.directory.records import ServerKind
from shared.history.policy import HistoryPolicy
from shared.mail.terms import BodyText, DaysAway, Event, Language, MailPolicy, PageText, Product, SubjectText
from shared.timing.durations import parse_interval
from shared.timing.errors import BadInterval, BadSchedule
from shared.timing.quiet import Quiet, hours_of


class JobEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decisions about a job. Without `interval` it has its own schedule; a pause without `paused_until` lasts.

    `quiet` is what it waits for before it begins.
    """

    enabled: bool | None = None
    interval: str | None = None
    paused: bool | None = None
    paused_until: Annotated[datetime, Meta(tz=True)] | None = None
    reason: str = ""
    quiet: Quiet = field(default_factory=Quiet)

    def __post_init__(self) -> None:
        if self.paused_until is not None and not self.paused:
            raise ValueError("`paused_until` says when a pause ends: write `paused = true` too, or leave it out")
        if self.interval is not None:
            try:
                parse_interval(self.interval)
            except BadInterval as error:
                raise ValueError(f"`interval`: {error}") from None
        try:
            hours_of(self.quiet.hours)
        except BadSchedule as error:
            raise ValueError(f"`quiet`: {error}") from None


class ServerEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server. Its token is in the environment (`token_env`), or in a file beside this one (`token_file`).

    `shoko`, of a Jellyfin server: the name of the Shoko Server behind it, if there are several.
    """

    kind: ServerKind
    url: str
    local_url: str = ""
    public_url: str = ""
    enabled: bool = True
    shoko: str = ""
    token_env: str = ""
    token_file: str = ""

    def __post_init__(self) -> None:
        if self.token_env and self.token_file:
            raise ValueError("a token comes from `token_env` or from `token_file`: leave one of them out")
        if self.shoko and self.kind != "jellyfin":
            raise ValueError("only a Jellyfin server has a Shoko Server behind it: leave `shoko` out")


class PlanEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan. Without `days` it is for life; `libraries` are titles, by the names of their servers."""

    days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    stream_limit: Annotated[int, Meta(ge=1, le=1000)] | None = None
    notes: Annotated[str, Meta(max_length=10_000)] = ""
    libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class TemplateEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail template; `plan` is a plan's name."""

    event: Event
    days: DaysAway = 0
    language: Language
    provider: Product | None = None
    plan: str | None = None
    subject: SubjectText
    text: BodyText
    html: PageText = ""
    enabled: bool = True

    @property
    def name(self) -> str:
        """What it is for: there is one template at most for that."""
        return template_name(self.event, self.days, self.language, self.provider, self.plan)


Settings = AccessPolicy | MailPolicy | AlertPolicy | BackupPolicy | HistoryPolicy

GROUPS: Mapping[str, type[Settings]] = {
    "access": AccessPolicy,
    "mail": MailPolicy,
    "alerts": AlertPolicy,
    "backups": BackupPolicy,
    "history": HistoryPolicy,
}
"""The groups of settings, each as its part of the API takes it."""


def template_name(event: str, days: int, language: str, provider: str | None, plan: str | None) -> str:
    """`before_expiry 7 en`, with the product and the plan that it is for, if any."""
    return " ".join(str(part) for part in (event, days, language, provider, plan) if part is not None)
