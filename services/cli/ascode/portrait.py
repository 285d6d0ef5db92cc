"""An installation as the tables of a file. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.cli.command import UsageError

from .answers import ControlView, TemplateView
from .items import Item
from .present import Present
from .states import control_values, present_state, undecided
from .tokens import variables
from .writing import document

HEAD = """\
Showrunner, as code: what was decided, to be read, kept and applied.
`showrunner apply FILE` shows what it would change, and asks. No secret is in here.
"""
TOKEN = "The token is not exported: a new installation takes it from this variable (or `token_file`)."
SERVER = {"local_url": "", "public_url": "", "enabled": True, "shoko": ""}
"""The defaults of a server."""
MAIL = "Secrets of mail are not exported: a new installation asks for them on the page."


def exported(present: Present) -> str:
    """The text of the file. UsageError: a plan has a library that can't be named."""
    return document(tables(present), comments(present))


def tables(present: Present) -> Mapping[str, Any]:
    """The sections of the file. What is its default is left out, but for settings: those are all of interest."""
    state = present_state(present)
    _insist_on_titles(present)
    tokens = variables(present.servers)
    return {
        "settings": {item.name: values for item, values in state.items() if item.section == "settings"},
        "servers": {
            name: _brief(state[Item("servers", name)], SERVER) | {"token_env": tokens[name]} for name in present.servers
        },
        "plans": {name: _brief(state[Item("plans", name)], {"notes": "", "libraries": {}}) for name in present.plans},
        "jobs": {
            name: _job(view)
            for name, view in sorted(present.controls.items())
            if state[Item("jobs", name)] != undecided(view)
        },
        "templates": [_template(view, present) for _, view in sorted(present.templates.items(), key=_rank)],
    }


def comments(present: Present) -> Mapping[tuple[str, ...], str]:
    """What is said above tables."""
    said: dict[tuple[str, ...], str] = {(): HEAD, ("settings", "mail"): MAIL}
    for name in present.servers:
        said["servers", name] = TOKEN
        break
    return said


def _job(view: ControlView) -> dict[str, Any]:
    return _brief(
        {
            "enabled": view.enabled,
            "interval": view.interval,
            "paused": view.paused,
            "paused_until": view.paused_until,
            "reason": view.reason,
            "quiet": control_values(view)["quiet"],
        },
        {"enabled": view.enabled_by_default, "paused": view.paused_by_default, "reason": "", "quiet": {}},
    )


def _rank(named: tuple[str, TemplateView]) -> tuple[str, int, str]:
    """Event by event, what comes first in a person's year first."""
    name, view = named
    return view.event, -view.days, name


def _template(view: TemplateView, present: Present) -> dict[str, Any]:
    plan = next((plan.name for plan in present.plans.values() if plan.id == view.plan_id), None)
    return {
        "event": view.event,
        **({"days": view.days} if view.days else {}),
        "language": view.language,
        "provider": view.provider,
        "plan": plan,
        **({} if view.enabled else {"enabled": False}),
        "subject": view.subject,
        "text": view.text,
        **({"html": view.html} if view.html else {}),
    }


def _brief(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if value is not None and (name not in defaults or value != defaults[name])
    }


def _insist_on_titles(present: Present) -> None:
    servers = {server.id: server.name for server in present.servers.values()}
    titles = {library.id: (servers.get(library.server_id, ""), library.title) for library in present.libraries}
    counts: Counter[tuple[str, str]] = Counter(titles.values())
    for plan in present.plans.values():
        for library in plan.libraries:
            server, title = titles.get(library, ("", ""))
            if counts[server, title] > 1:
                raise UsageError(
                    f"the plan {plan.name} can't be exported: {server} has several libraries called {title}; "
                    "give them different titles on the server, and sync"
                )
