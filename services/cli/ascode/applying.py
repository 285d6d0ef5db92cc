"""Carrying out differences, one call of the API after another, in the order that the comparison gave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from services.cli.remote.api import Api, part
from services.cli.remote.errors import RemoteError
from shared.runtime.secrets import Secret

from .checks import ambiguous, no_library, too_many, unseen
from .comparison import Difference
from .document import Document
from .entries import PlanEntry
from .items import Section, State
from .present import Present, look
from .states import control_values
from .steering import steps
from .tokens import token_of


class NotApplied(Exception):
    """One difference can't be carried out; the message says why, and how to mend it."""


class Applying:
    """One apply under way, on the present as it was last looked at.

    `environ` and the file's folder have the tokens. `unchecked`: servers are added even if they do not answer.
    """

    def __init__(
        self,
        api: Api,
        document: Document,
        present: Present,
        wanted: State,
        *,
        environ: Mapping[str, str],
        unchecked: bool,
    ) -> None:
        self._api = api
        self._document = document
        self._present = present
        self._wanted = wanted
        self._environ = environ
        self._unchecked = unchecked

    async def carry_out(self, difference: Difference) -> None:
        """Do it. NotApplied; RemoteError."""
        steps: Mapping[Section, Callable[[Difference], Awaitable[None]]] = {
            "settings": self._settings,
            "servers": self._server,
            "plans": self._plan,
            "templates": self._template,
            "jobs": self._job,
        }
        if difference.action == "remove":
            await self._remove(difference)
        else:
            await steps[difference.item.section](difference)

    async def look(self) -> Present:
        """The present, as it is now, for what follows."""
        self._present = await look(self._api)
        return self._present

    async def _settings(self, difference: Difference) -> None:
        group = difference.item.name
        values = {**self._present.settings[group], **msgspec.to_builtins(self._document.settings[group])}
        if group == "mail":
            await self._api.put("/api/mail/setup", policy=values)
        else:
            await self._api.put("/api/settings", **{group: values})

    async def _server(self, difference: Difference) -> None:
        name = difference.item.name
        entry = self._document.servers[name]
        body = {"name": name, "unchecked": self._unchecked}
        body |= {key: getattr(entry, key) for key in ("url", "local_url", "public_url", "enabled")}
        if difference.action == "add" or any(field.name == "token" for field in difference.fields):
            body["token"] = self._token(name).reveal()
        if entry.kind == "jellyfin":
            body["shoko_id"] = await self._shoko(entry.shoko)
        if difference.action == "add":
            await self._api.post("/api/servers", kind=entry.kind, **body)
        else:
            await self._api.put(f"/api/servers/{self._present.servers[name].id}", **body)

    async def _shoko(self, name: str) -> str | None:
        """The id of a Shoko Server, which may have been added a moment ago."""
        if name and name not in self._present.servers:
            await self.look()
        if name and name not in self._present.servers:
            raise NotApplied(f"there is no server called {name}, since it could not be added")
        return self._present.servers[name].id if name else None

    def _token(self, server: str) -> Secret:
        return token_of(self._document.servers[server], self._environ, Path(self._document.file).parent)

    async def _plan(self, difference: Difference) -> None:
        name = difference.item.name
        entry = self._document.plans[name]
        body = {
            "name": name,
            "days": entry.days,
            "stream_limit": entry.stream_limit,
            "notes": entry.notes,
            "libraries": [*self._libraries(name, entry), *self._nameless(name)],
        }
        if difference.action == "add":
            await self._api.post("/api/plans", **body)
        else:
            await self._api.put(f"/api/plans/{self._present.plans[name].id}", **body)

    def _libraries(self, name: str, entry: PlanEntry) -> list[str]:
        for server, titles in unseen(self._document, self._present, name).items():
            raise NotApplied(no_library(server, titles[0]))
        for server, title in ambiguous(self._document, self._present, name):
            raise NotApplied(too_many(server, title))
        return [
            self._present.titles(server)[title][0] for server, titles in entry.libraries.items() for title in titles
        ]

    def _nameless(self, plan: str) -> Sequence[str]:
        """The plan's libraries that are gone for now: they have no title here, and may come back."""
        there = self._present.plans.get(plan)
        known = {library.id for library in self._present.libraries}
        return [library for library in there.libraries if library not in known] if there else []

    async def _template(self, difference: Difference) -> None:
        entry = self._document.templates[difference.item.name]
        body = msgspec.to_builtins(entry)
        plan = body.pop("plan")
        if plan is not None and plan not in self._present.plans:
            raise NotApplied(f"there is no plan called {plan}, since it could not be added")
        body["plan_id"] = self._present.plans[plan].id if plan is not None else None
        if difference.action == "add":
            await self._api.post("/api/mail/templates", **body)
        else:
            await self._api.put(f"/api/mail/templates/{self._present.templates[difference.item.name].id}", **body)

    async def _job(self, difference: Difference) -> None:
        name = difference.item.name
        calls = {"POST": self._api.post, "PUT": self._api.put}
        for step in steps(control_values(self._present.controls[name]), self._wanted[difference.item]):
            path = f"/api/jobs/{part(name)}/{step.path}"
            if step.method == "DELETE":
                await self._api.delete(path)
            else:
                await calls[step.method](path, **step.body)

    async def _remove(self, difference: Difference) -> None:
        name = difference.item.name
        match difference.item.section:
            case "servers":
                await self._api.delete(f"/api/servers/{self._present.servers[name].id}")
            case "plans":
                await self._api.delete(f"/api/plans/{self._present.plans[name].id}")
            case "templates":
                await self._api.delete(f"/api/mail/templates/{self._present.templates[name].id}")


def why_not(error: NotApplied | RemoteError) -> str:
    """The reason, as a part of a sentence."""
    return str(error).rstrip(".")
