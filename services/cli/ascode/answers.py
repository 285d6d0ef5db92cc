"""What is read of the API's answers here; see `services.cli.remote.answers`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import field

from services.cli.remote.answers import Answer
from shared.timing.quiet import Quiet


class ControlView(Answer, frozen=True, kw_only=True):
    job: str
    enabled: bool
    enabled_by_default: bool
    paused_by_default: bool = False
    paused: bool
    paused_until: datetime | None = None
    reason: str = ""
    interval: str | None = None
    editable: bool = True
    minimum_ms: int = 1000
    quiet: Quiet | None = None


class Controls(Answer, frozen=True, kw_only=True):
    controls: tuple[ControlView, ...]


class ServerView(Answer, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str
    url: str
    local_url: str = ""
    public_url: str = ""
    enabled: bool = True
    shoko_id: str | None = None


class Servers(Answer, frozen=True, kw_only=True):
    servers: tuple[ServerView, ...]


class LibraryView(Answer, frozen=True, kw_only=True):
    id: str
    server_id: str
    title: str


class Libraries(Answer, frozen=True, kw_only=True):
    libraries: tuple[LibraryView, ...]


class PlanView(Answer, frozen=True, kw_only=True):
    id: str
    name: str
    days: int | None = None
    stream_limit: int | None = None
    notes: str = ""
    libraries: tuple[str, ...] = ()


class Plans(Answer, frozen=True, kw_only=True):
    plans: tuple[PlanView, ...]


class TemplateView(Answer, frozen=True, kw_only=True):
    id: str
    event: str
    language: str
    subject: str
    text: str
    days: int = 0
    provider: str | None = None
    plan_id: str | None = None
    html: str = ""
    enabled: bool = True


class Templates(Answer, frozen=True, kw_only=True):
    templates: tuple[TemplateView, ...]


class MailSetup(Answer, frozen=True, kw_only=True):
    policy: dict[str, Any]
    lacking: str = ""


class AppliedState(Answer, frozen=True, kw_only=True):
    """What the last apply left: section -> name -> field -> what stands for its value (see `comparison.mark`)."""

    at: datetime | None = None
    by: str = ""
    items: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


class Applied(Answer, frozen=True, kw_only=True):
    """Nothing was applied yet when `applied` is None."""

    applied: AppliedState | None = None
