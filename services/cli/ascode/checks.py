"""What keeps a file from being applied to an installation, found before anything is changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.timing.durations import parse_interval
from shared.timing.errors import BadInterval

from .answers import ControlView
from .document import Document
from .entries import JobEntry
from .items import Item
from .places import Complaint
from .present import Present
from .states import NEVER_WAITS


def complaints(document: Document, present: Present, tokens: Mapping[str, str]) -> list[Complaint]:
    """All of them. `tokens`: for servers whose token is needed and can't be had, why."""
    return [
        *_settings(document, present),
        *_servers(document, present, tokens),
        *_plans(document, present),
        *_templates(document, present),
        *_jobs(document, present),
    ]


def unseen(document: Document, present: Present, plan: str) -> Mapping[str, list[str]]:
    """The libraries of a plan that no sync has seen, by server."""
    entry = document.plans[plan]
    found = {
        server: [title for title in titles if title not in present.titles(server)]
        for server, titles in entry.libraries.items()
    }
    return {server: titles for server, titles in found.items() if titles}


def ambiguous(document: Document, present: Present, plan: str) -> Iterator[tuple[str, str]]:
    """The libraries of a plan whose titles mean more than one: server and title."""
    for server, titles in document.plans[plan].libraries.items():
        known = present.titles(server)
        yield from ((server, title) for title in titles if len(known.get(title, [])) > 1)


def no_library(server: str, title: str) -> str:
    """That there is no such library, and what can be done."""
    return f"{server} has no library called {title}: write its title as the server does, or run the sync first"


def too_many(server: str, title: str) -> str:
    """That a title can't be told, and what can be done."""
    return f"{server} has several libraries called {title}: give them different titles on the server"


def _settings(document: Document, present: Present) -> Iterator[Complaint]:
    for group in document.settings:
        if group not in present.settings:
            text = "this Showrunner has no such settings: leave them out, or update it"
            yield document.complaint(Item("settings", group), text)


def _servers(document: Document, present: Present, tokens: Mapping[str, str]) -> Iterator[Complaint]:
    for name, entry in document.servers.items():
        item, there = Item("servers", name), present.servers.get(name)
        if there is not None and there.kind != entry.kind:
            text = (
                f"{name} is a {there.kind} server, which can't be changed: remove it first, or give this another name"
            )
            yield document.complaint(item, text, "kind")
        if entry.shoko and (fault := _shoko_fault(entry.shoko, document, present)):
            yield document.complaint(item, fault, "shoko")
        if name in tokens:
            yield document.complaint(item, tokens[name], "token_file" if entry.token_file else "token_env")


def _shoko_fault(name: str, document: Document, present: Present) -> str:
    known = document.servers.get(name) or present.servers.get(name)
    if known is None:
        return f"there is no server called {name}, neither here nor in Showrunner: add [servers.{name}]"
    return "" if known.kind == "shoko" else f"{name} is a {known.kind} server: name a Shoko Server, or leave this out"


def _plans(document: Document, present: Present) -> Iterator[Complaint]:
    for name, entry in document.plans.items():
        item = Item("plans", name)
        for server in entry.libraries.keys() - (document.servers.keys() | present.servers.keys()):
            text = f"there is no server called {server}, neither here nor in Showrunner: add [servers.{server}]"
            yield document.complaint(item, text, "libraries", server)
        for server, title in ambiguous(document, present, name):
            yield document.complaint(item, too_many(server, title), "libraries", server)
        for server, titles in unseen(document, present, name).items():
            # A server whose libraries nobody has seen yet may well have them.
            for title in titles if present.titles(server) else ():
                yield document.complaint(item, no_library(server, title), "libraries", server)


def _templates(document: Document, present: Present) -> Iterator[Complaint]:
    for name, entry in document.templates.items():
        if entry.plan is not None and entry.plan not in document.plans and entry.plan not in present.plans:
            text = f"there is no plan called {entry.plan}, neither here nor in Showrunner: add [plans.{entry.plan}]"
            yield document.complaint(Item("templates", name), text, "plan")


def _jobs(document: Document, present: Present) -> Iterator[Complaint]:
    for name, entry in document.jobs.items():
        item, view = Item("jobs", name), present.controls.get(name)
        if view is None:
            text = (
                "no worker has announced a job of this name: `showrunner jobs --all` lists them; start its worker first"
            )
            yield document.complaint(item, text)
            continue
        if entry.interval is not None and (fault := _interval_fault(entry, view)):
            yield document.complaint(item, fault, "interval")
        if entry.quiet != NEVER_WAITS and view.quiet is None:
            yield document.complaint(item, "this job disturbs nobody, so it does not wait: leave `quiet` out", "quiet")


def _interval_fault(entry: JobEntry, view: ControlView) -> str:
    if not view.editable:
        return "this job's schedule can't be changed: leave `interval` out"
    try:
        parse_interval(entry.interval or "", view.minimum_ms)
    except BadInterval as error:
        return str(error)
    return ""
