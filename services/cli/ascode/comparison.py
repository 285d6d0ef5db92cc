"""Three states compared: as the last apply left it, as it stands, and as the file wants it. Pure.

Where it stands as the last apply left it, the file has changed. Where it does not, somebody has changed it by hand:
that is drift, and it is told, whether the file puts it back or does not speak of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from .items import SECTIONS, Item, State, Values

Action = Literal["add", "change", "remove"]
Marks = Mapping[Item, Mapping[str, str]]
"""What stands for the values of a state; see `mark`."""

SHORT = 120  # letters of JSON


class FieldChange(Struct, frozen=True, kw_only=True):
    """A field that is to be another; `drifted`: it is not as the last apply left it."""

    name: str
    before: Any
    after: Any
    drifted: bool = False


class Difference(Struct, frozen=True, kw_only=True):
    """What is to be done about an item."""

    item: Item
    action: Action
    fields: tuple[FieldChange, ...] = ()


class Drift(Struct, frozen=True, kw_only=True):
    """What was done by hand to an item since the last apply. `asked`: the file says what it is to be."""

    item: Item
    action: Action
    fields: tuple[FieldChange, ...] = ()
    asked: bool = False


def differences(present: State, wanted: State, applied: Marks | None, *, remove: Iterable[Item]) -> list[Difference]:
    """What has to be done for the wanted state, and to have what is to be removed away."""
    found = []
    for item, after in wanted.items():
        before = present.get(item)
        if before is None:
            fields = tuple(FieldChange(name=name, before=None, after=value) for name, value in after.items())
            found.append(Difference(item=item, action="add", fields=fields))
        elif fields := tuple(_changes(before, after, None if applied is None else applied.get(item))):
            found.append(Difference(item=item, action="change", fields=fields))
    return ordered([*found, *(Difference(item=item, action="remove") for item in remove)])


def ordered(found: Iterable[Difference]) -> list[Difference]:
    """In an order that works: nothing is named before it was added, nor removed before what names it."""
    listed = sorted(found, key=_place)
    kept = [difference for difference in listed if difference.action != "remove"]
    return kept + [difference for difference in reversed(listed) if difference.action == "remove"]


def drifts(present: State, wanted: State, applied: Marks) -> list[Drift]:
    """What was changed by hand since, but for what is already as the file wants it."""
    found = []
    for item in present.keys() | applied.keys():
        now, then, after = present.get(item), applied.get(item), wanted.get(item)
        if now is not None and now == after:
            continue
        if now is None:
            found.append(Drift(item=item, action="remove", asked=after is not None))
        elif then is None:
            found.append(Drift(item=item, action="add", asked=after is not None))
        elif fields := tuple(_drifted(now, then)):
            found.append(Drift(item=item, action="change", fields=fields, asked=after is not None))
    return sorted(found, key=_place)


def marks(state: State) -> Marks:
    """What is remembered of a state."""
    return {item: {name: mark(value) for name, value in values.items()} for item, values in state.items()}


def mark(value: Any) -> str:
    """The value in JSON; of a long one, a digest."""
    text = msgspec.json.encode(value, order="deterministic")
    return text.decode() if len(text) <= SHORT else f"sha256:{hashlib.sha256(text).hexdigest()}"


def marked(mark: str) -> Any:
    """The value that a mark stands for; a digest tells nothing of it, and is `...`."""
    return "…" if mark.startswith("sha256:") else msgspec.json.decode(mark)


def _changes(before: Values, after: Values, then: Mapping[str, str] | None) -> Iterator[FieldChange]:
    for name, value in after.items():
        if before.get(name) != value:
            drifted = then is not None and name in then and then[name] != mark(before.get(name))
            yield FieldChange(name=name, before=before.get(name), after=value, drifted=drifted)


def _drifted(now: Values, then: Mapping[str, str]) -> Iterator[FieldChange]:
    for name, value in now.items():
        # A field that was not known then can't have been changed since.
        if name in then and then[name] != mark(value):
            yield FieldChange(name=name, before=marked(then[name]), after=value, drifted=True)


def _place(found: Difference | Drift) -> tuple[int, bool, str]:
    names_another = any(field.name == "shoko" and field.after for field in found.fields)
    return SECTIONS.index(found.item.section), names_another, found.item.name
