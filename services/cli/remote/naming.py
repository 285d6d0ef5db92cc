"""What people call runs, servers and people, and which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from services.cli.command import UsageError

from .answers import People, Person, Plans, Run, Runs, Server, Servers
from .api import Api
from .errors import Missing

LOOKED_THROUGH = 1000  # runs
_SHORT = re.compile(r"[0-9a-f]{6}-[0-9a-f]{4}")
RUN_HELP = "its id, the short one that tables show, or a job's name for its newest run"


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def short(id: str) -> str:
    """A run's id as tables show it: what differs between the slots of a job (the end of the time), and between jobs
    at one slot (the end of the rest); see `shared.contracts.ids`."""
    bare = id.replace("-", "")
    return f"{bare[6:12]}-{bare[-4:]}"


def is_id(text: str) -> bool:
    """Whether the text is a whole id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return len(text) == 36


async def run_id(api: Api, text: str) -> str:
    """The id of the run that is meant. Missing: there is none."""
    if is_id(text):
        return text
    if _SHORT.fullmatch(text):
        return shown_as(text, (await api.read(Runs, "/api/runs", limit=LOOKED_THROUGH)).runs).id
    newest = (await api.read(Runs, "/api/runs", job=text, limit=1)).runs
    if not newest:
        raise Missing(f"there is no run of a job named {text}: `showrunner runs` lists runs")
    return newest[0].id


def shown_as(text: str, runs: Sequence[Run]) -> Run:
    """The one run whose id is shown like that. Missing: there is none. UsageError: there are several."""
    found = [run for run in runs if short(run.id) == text]
    if not found:
        raise Missing(f"none of the newest {LOOKED_THROUGH} runs is shown as {text}: give its whole id")
    if len(found) > 1:
        raise UsageError(f"{len(found)} runs are shown as {text}: give the whole id (--json shows it)")
    return found[0]


async def server_meant(api: Api, text: str) -> Server:
    """The server of this name or id. Missing: there is none."""
    servers = (await api.read(Servers, "/api/servers")).servers
    return called(text, servers, "server")


async def plan_meant(api: Api, text: str) -> str:
    """The id of the plan of this name or id. Missing: there is none."""
    return called(text, (await api.read(Plans, "/api/plans")).plans, "plan").id


async def person_meant(api: Api, text: str) -> Person:
    """The person of this name, e-mail address or id, or the only one in whom the text is found."""
    if is_id(text):
        return await api.read(Person, f"/api/people/{text}")
    found = (await api.read(People, "/api/people", text=text, limit=50)).people
    exact = [person for person in found if text.casefold() in (person.name.casefold(), person.email.casefold())]
    return only(text, exact or found, "person")


def called(text: str, things: Sequence[N], what: str) -> N:
    """The thing of this name (in small letters or capitals) or id."""
    exact = [thing for thing in things if thing.id == text]
    return only(text, exact or [thing for thing in things if thing.name.casefold() == text.casefold()], what)


def only(text: str, found: Sequence[N], what: str) -> N:
    """The only one. Missing: there is none. UsageError: there are several."""
    if not found:
        raise Missing(f"there is no {what} named {text}")
    if len(found) > 1:
        names = ", ".join(f"{thing.name} ({thing.id})" for thing in found[:5])
        raise UsageError(f"{text} can be more than one {what}: {names}; give the id")
    return found[0]
