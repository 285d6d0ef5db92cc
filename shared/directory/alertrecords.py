"""Alerts for administrators, as those see them who decide on them, send them or look after them. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Ailment = Literal["failed", "held", "stuck"]
"""`held`: a run waits for approval. `stuck`: a run goes on for too long, or nobody works on it."""
JobNews = Literal["failed", "held", "stuck", "recovered"]
AlertKind = Literal["failed", "held", "stuck", "recovered", "test"]
SendingState = Literal["due", "claimed", "sent", "failed", "dropped"]
"""`due`: not sent yet, or to be tried again. `failed`: given up. `dropped`: its channel takes none any more."""

ALL_NEWS: tuple[JobNews, ...] = ("failed", "held", "stuck", "recovered")

ChannelName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Minutes = Annotated[int, Meta(ge=1, le=1440)]


class AlertPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job that was told of has recovered when nothing was wrong for `calm_minutes`; until then nothing more is told.

    A run that nobody works on is told of after `stuck_minutes`.
    """

    calm_minutes: Minutes = 30
    stuck_minutes: Minutes = 15


class Channel(Struct, frozen=True, kw_only=True):
    """Where alerts of some kinds go; its address is not shown. `service`: what that leads to, such as Discord.

    `sent_at`: when it last took an alert. `trouble`: why it did not take the last one; empty if it did.
    """

    name: str
    service: str
    kinds: tuple[JobNews, ...]
    enabled: bool
    changed_at: datetime
    changed_by: str
    sent_at: datetime | None = None
    trouble: str = ""


class ChannelWish(Struct, frozen=True, kw_only=True):
    """What a channel is to be. `service` goes with its address, which is given beside."""

    name: str
    service: str
    kinds: tuple[JobNews, ...]
    enabled: bool


class Alert(Struct, frozen=True, kw_only=True):
    """What is told. `key` says what is told once only; `title` is the job's; `run` is the one that it is about."""

    key: str
    kind: AlertKind
    job: str
    title: str
    run: UUID | None
    reason: str
    at: datetime


class Told(Struct, frozen=True, kw_only=True):
    """What was last told of a job that has not been well for long enough since. `key` is that of the alert.

    `unwell_at`: when it was last seen unwell. `over`: what was told is not so any more.
    """

    job: str
    key: str
    kind: Ailment
    run: UUID
    at: datetime
    unwell_at: datetime
    over: bool = False


class Verdict(Struct, frozen=True, kw_only=True):
    """What is to be told of a job now, if anything, and what is to be remembered; `told` None: nothing."""

    job: str
    told: Told | None
    alert: Alert | None = None


class Sending(Struct, frozen=True, kw_only=True):
    """An alert on its way to one channel. `answer`: why it was not taken when it was last tried."""

    channel: str
    state: SendingState
    tries: int
    next_at: datetime
    answer: str
    closed_at: datetime | None


class AlertView(Struct, frozen=True, kw_only=True):
    """An alert, and what became of it at each channel that was to get it."""

    id: UUID
    kind: AlertKind
    job: str
    title: str
    run: UUID | None
    reason: str
    at: datetime
    sendings: tuple[Sending, ...]


class OutgoingAlert(Struct, frozen=True, kw_only=True):
    """A claimed alert for one channel. `tries` counts this one."""

    id: UUID
    channel: str
    tries: int
    alert: Alert


class AlertClosing(Struct, frozen=True, kw_only=True):
    """What became of it. `next_at`: when one that is `due` again may be tried."""

    id: UUID
    channel: str
    state: Literal["sent", "failed", "due"]
    answer: str = ""
    next_at: datetime | None = None
