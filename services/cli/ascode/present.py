"""An installation as the API tells it, with the ids that changes need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.cli.command import UsageError
from services.cli.remote.api import Api
from services.cli.remote.naming import Named

from .answers import (
    Applied,
    AppliedState,
    Controls,
    ControlView,
    Libraries,
    LibraryView,
    MailSetup,
    Plans,
    PlanView,
    Servers,
    ServerView,
    Templates,
    TemplateView,
)
from .entries import template_name

N = TypeVar("N", bound=Named)


class Present(Struct, frozen=True, kw_only=True):
    """All that a file can decide about, by name. `libraries` holds those that are there; settings are by group."""

    controls: Mapping[str, ControlView]
    servers: Mapping[str, ServerView]
    libraries: Sequence[LibraryView]
    plans: Mapping[str, PlanView]
    templates: Mapping[str, TemplateView]
    settings: Mapping[str, Mapping[str, Any]]
    mail_lacks: str = ""
    applied: AppliedState | None = None

    def titles(self, server: str) -> Mapping[str, list[str]]:
        """The ids of a server's libraries, by title: several where libraries share one."""
        found: dict[str, list[str]] = {}
        known = self.servers.get(server)
        for library in self.libraries:
            if known is not None and library.server_id == known.id:
                found.setdefault(library.title, []).append(library.id)
        return found


async def look(api: Api) -> Present:
    """The installation as it stands. UsageError: two servers have one name, so it can't be told which is meant."""
    plans = (await api.read(Plans, "/api/plans")).plans
    names = {plan.id: plan.name for plan in plans}
    templates = (await api.read(Templates, "/api/mail/templates")).templates
    mail = await api.read(MailSetup, "/api/mail/setup")
    return Present(
        controls={view.job: view for view in (await api.read(Controls, "/api/controls")).controls},
        servers=_by_name((await api.read(Servers, "/api/servers")).servers),
        libraries=(await api.read(Libraries, "/api/libraries")).libraries,
        plans=_by_name(plans),
        templates={_template_name(view, names): view for view in templates},
        settings={"mail": mail.policy, **await _settings(api)},
        mail_lacks=mail.lacking,
        applied=(await api.read(Applied, "/api/applied")).applied,
    )


async def _settings(api: Api) -> dict[str, Mapping[str, Any]]:
    groups = msgspec.json.decode(await api.get("/api/settings"), type=dict[str, Any])
    return {name: group for name, group in groups.items() if isinstance(group, dict)}


def _by_name(things: Iterable[N]) -> dict[str, N]:
    found: dict[str, N] = {}
    for thing in things:
        if thing.name in found:
            raise UsageError(f"two servers are called {thing.name}: give one of them another name on the page")
        found[thing.name] = thing
    return dict(sorted(found.items()))


def _template_name(view: TemplateView, plans: Mapping[str, str]) -> str:
    plan = plans.get(view.plan_id, view.plan_id) if view.plan_id else None
    return template_name(view.event, view.days, view.language, view.provider, plan)
