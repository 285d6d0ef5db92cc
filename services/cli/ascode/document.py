"""From the text of a file to its entries; all that is wrong is told together, each with its line and key. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.cli.command import UsageError

from .entries import GROUPS, JobEntry, PlanEntry, ServerEntry, Settings, TemplateEntry
from .items import SECTIONS, Item
from .places import Complaint, Path, told

E = TypeVar("E", bound=Struct)

# What msgspec appends to say where, such as " - at `$.days`".
_AT = re.compile(r" - at `\$\.?(?P<fields>[a-z_.]*).*`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.+?)`")
NO_KEY = "there is no such key here: see docs/jobs-as-code.md for those that there are"
_SECRETS = {"token", "password", "smtp_password", "client_secret"}


class Document(Struct, frozen=True, kw_only=True):
    """A file: its name, its text and its entries by name; `paths` says where each stands in it."""

    file: str
    text: str
    sections: frozenset[str]
    settings: Mapping[str, Settings]
    servers: Mapping[str, ServerEntry]
    plans: Mapping[str, PlanEntry]
    templates: Mapping[str, TemplateEntry]
    jobs: Mapping[str, JobEntry]
    paths: Mapping[Item, Path]

    def told(self, complaints: Sequence[Complaint]) -> str:
        """The complaints with their places in this file."""
        return told(self.file, self.text, list(complaints))

    def about(self, item: Item, text: str) -> str:
        """Something about an item, with its place if this file names it."""
        return self.told([self.complaint(item, text)]) if item in self.paths else f"{item}: {text}"

    def complaint(self, item: Item, text: str, *below: str) -> Complaint:
        """A complaint about an item of this file, or about something below it."""
        return Complaint((*self.paths.get(item, ()), *below), text)


class _Reader:
    """Converts parts of the file, and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    def entry(self, value: Any, kind: type[E], path: Path) -> E | None:
        for name in _SECRETS & set(value if isinstance(value, dict) else ()):
            self.complaints.append(Complaint((*path, name), _no_secret(name)))
            value = {key: inner for key, inner in value.items() if key != name}
        try:
            entry = msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.complaints.append(_invalid(str(error), path))
            return None
        self.complaints += [Complaint(lost, NO_KEY) for lost in _lost(value, msgspec.to_builtins(entry), path)]
        return entry

    def table(self, value: Any, path: Path) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.complaints.append(Complaint(path, f"this has to be a table: write [{path[0]}.NAME] above its lines"))
        return {}


def read_document(file: str, data: bytes) -> Document:
    """The entries of a file called `file`. UsageError: what is wrong with it."""
    text, content = _content(file, data)
    reader, paths = _Reader(), dict[Item, Path]()
    for name in content.keys() - set(SECTIONS):
        reader.complaints.append(Complaint((name,), f"there is no such section: a file has {', '.join(SECTIONS)}"))
    document = Document(
        file=file,
        text=text,
        sections=frozenset(content),
        settings=dict(_settings(reader, content, paths)),
        servers=dict(_entries(reader, content, "servers", ServerEntry, paths)),
        plans=dict(_entries(reader, content, "plans", PlanEntry, paths)),
        templates=dict(_templates(reader, content, paths)),
        jobs=dict(_entries(reader, content, "jobs", JobEntry, paths)),
        paths=paths,
    )
    if reader.complaints:
        raise UsageError(document.told(reader.complaints))
    return document


def _content(file: str, data: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = data.decode()
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}, {_fault(str(error), data)}") from None


def _fault(error: str, data: bytes) -> str:
    """What `tomllib` complains of, with the line, which at the end of the file it leaves out."""
    place = re.search(r"line (\d+), column (\d+)", error)
    where = f"line {place[1]}, column {place[2]}" if place else f"line {data.count(10) + 1}"
    reason = error.partition(" (at ")[0]
    return f"{where}: this is not TOML: {reason[0].lower()}{reason[1:]}"


def _entries(
    reader: _Reader, content: Mapping[str, Any], section: Any, kind: type[E], paths: dict[Item, Path]
) -> Iterator[tuple[str, E]]:
    for name, value in reader.table(content.get(section, {}), (section,)).items():
        path = paths[Item(section, name)] = (section, name)
        if (entry := reader.entry(value, kind, path)) is not None:
            yield name, entry


def _settings(reader: _Reader, content: Mapping[str, Any], paths: dict[Item, Path]) -> Iterator[tuple[str, Settings]]:
    for group, value in reader.table(content.get("settings", {}), ("settings",)).items():
        path = paths[Item("settings", group)] = ("settings", group)
        kind = GROUPS.get(group)
        if kind is None:
            known = ", ".join(GROUPS)
            reader.complaints.append(Complaint(path, f"there are no such settings: a file can have {known}"))
        elif (entry := reader.entry(value, kind, path)) is not None:
            yield group, entry


def _templates(
    reader: _Reader, content: Mapping[str, Any], paths: dict[Item, Path]
) -> Iterator[tuple[str, TemplateEntry]]:
    listed = content.get("templates", [])
    if not isinstance(listed, list):
        reader.complaints.append(
            Complaint(("templates",), "write [[templates]] above each template, with two brackets")
        )
        return
    for number, value in enumerate(listed):
        path: Path = ("templates", number)
        entry = reader.entry(value, TemplateEntry, path)
        if entry is None:
            continue
        item = Item("templates", entry.name)
        if item in paths:
            reader.complaints.append(
                Complaint(path, f"there is another template for {entry.name}: leave one of them out")
            )
        paths[item] = path
        yield entry.name, entry


def _invalid(error: str, path: Path) -> Complaint:
    """What msgspec complains of, with its place in the file."""
    if at := _AT.search(error):
        path = (*path, *(field for field in at["fields"].split(".") if field))
    if unknown := _UNKNOWN.match(error):
        return Complaint((*path, unknown["name"]), NO_KEY)
    # TOML knows no null: what may be left out is simply not there.
    return Complaint(path, _AT.sub("", error).replace(" | null", ""))


def _lost(given: Any, taken: Any, path: Path) -> Iterator[Path]:
    """What was given and not taken: not every struct forbids what it does not know."""
    if isinstance(given, dict) and isinstance(taken, dict):
        for name, value in given.items():
            if name in taken:
                yield from _lost(value, taken[name], (*path, name))
            else:
                yield (*path, name)


def _no_secret(name: str) -> str:
    if name == "token":
        return "a token does not belong into the file: name a variable with `token_env`, or a file with `token_file`"
    return "a secret does not belong into the file: leave it out, and enter it on the page"
