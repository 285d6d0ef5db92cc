"""An installation as it stands, and as a file wants it, in the same values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.timing.durations import format_interval, parse_interval
from shared.timing.quiet import Quiet

from .answers import ControlView, PlanView, ServerView, TemplateView
from .document import Document
from .entries import GROUPS, JobEntry, PlanEntry, ServerEntry, Settings, TemplateEntry
from .items import Item, State, Values
from .present import Present

NEVER_WAITS = Quiet()


def present_state(present: Present) -> State:
    """All that can be decided about, as it stands; all jobs, too, about which nothing was decided."""
    return {
        **{
            Item("settings", group): _known(group, values)
            for group, values in present.settings.items()
            if group in GROUPS
        },
        **{Item("servers", name): _server(view, _shoko(view, present)) for name, view in present.servers.items()},
        **{Item("plans", name): _plan_view(view, present) for name, view in present.plans.items()},
        **{Item("templates", name): _template(view) for name, view in present.templates.items()},
        **{Item("jobs", name): control_values(view) for name, view in present.controls.items()},
    }


def wanted_state(document: Document, present: Present, now: datetime) -> State:
    """What the file decides about. A pause that has ended by `now` is none."""
    controls = present.controls
    return {
        **{Item("settings", group): _settings(entry) for group, entry in document.settings.items()},
        **{Item("servers", name): _server(entry, entry.shoko) for name, entry in document.servers.items()},
        **{Item("plans", name): _plan(entry) for name, entry in document.plans.items()},
        **{Item("templates", name): _template(entry) for name, entry in document.templates.items()},
        **{
            Item("jobs", name): _job(entry, controls[name], now)
            for name, entry in document.jobs.items()
            if name in controls
        },
    }


def control_values(view: ControlView) -> Values:
    """A job as it stands."""
    return _control_values(
        enabled=view.enabled,
        interval=view.interval,
        paused=view.paused,
        paused_until=view.paused_until,
        reason=view.reason,
        quiet=view.quiet or NEVER_WAITS,
    )


def undecided(view: ControlView) -> Values:
    """A job that follows its spec."""
    return _control_values(enabled=view.enabled_by_default, paused=view.paused_by_default)


def _known(group: str, values: Mapping[str, Any]) -> Values:
    """What a newer gateway has besides is not ours to compare."""
    names = GROUPS[group].__struct_fields__
    return {name: values.get(name) for name in names}


def _settings(entry: Settings) -> Values:
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(entry))
    return values


def _server(server: ServerView | ServerEntry, shoko: str) -> Values:
    values = {name: getattr(server, name) for name in ("kind", "url", "local_url", "public_url", "enabled")}
    return values | {"shoko": shoko}


def _shoko(view: ServerView, present: Present) -> str:
    return next((name for name, server in present.servers.items() if server.id == view.shoko_id), "")


def _plan_view(view: PlanView, present: Present) -> Values:
    """Libraries that are not there any more have no name here."""
    libraries: dict[str, list[str]] = {}
    servers = {server.id: server.name for server in present.servers.values()}
    for library in present.libraries:
        if library.id in view.libraries and library.server_id in servers:
            libraries.setdefault(servers[library.server_id], []).append(library.title)
    return _plan_values(view, libraries)


def _plan(entry: PlanEntry) -> Values:
    return _plan_values(entry, entry.libraries)


def _plan_values(plan: PlanView | PlanEntry, libraries: Mapping[str, Any]) -> Values:
    return {
        "days": plan.days,
        "stream_limit": plan.stream_limit,
        "notes": plan.notes,
        "libraries": {server: sorted(titles) for server, titles in sorted(libraries.items()) if titles},
    }


def _template(template: TemplateView | TemplateEntry) -> Values:
    return {name: getattr(template, name) for name in ("subject", "text", "html", "enabled")}


def _job(entry: JobEntry, view: ControlView, now: datetime) -> Values:
    over = entry.paused_until is not None and entry.paused_until <= now
    return _control_values(
        enabled=view.enabled_by_default if entry.enabled is None else entry.enabled,
        interval=None if entry.interval is None else format_interval(parse_interval(entry.interval)),
        paused=view.paused_by_default if entry.paused is None else entry.paused and not over,
        paused_until=None if over else entry.paused_until,
        reason=entry.reason,
        quiet=entry.quiet,
    )


def _control_values(
    *,
    enabled: bool,
    interval: str | None = None,
    paused: bool = False,
    paused_until: datetime | None = None,
    reason: str = "",
    quiet: Quiet = NEVER_WAITS,
) -> Values:
    return {
        "enabled": enabled,
        "interval": interval,
        "paused": paused,
        "paused_until": paused_until.astimezone(UTC).isoformat() if paused_until else None,
        # A job that runs as usual has no reason not to.
        "reason": reason if paused or not enabled else "",
        "quiet": {name: value for name, value in msgspec.to_builtins(quiet).items() if value},
    }
