"""Differences and drift as people read them, and as programs do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from services.cli.terminal.letters import counted, cut
from services.cli.terminal.screen import Screen
from services.cli.terminal.styles import Style
from services.cli.terminal.times import absolute

from .answers import AppliedState
from .comparison import Action, Difference, Drift, FieldChange
from .writing import inline

SIGNS: dict[Action, tuple[str, Style]] = {"add": ("+", "good"), "change": ("~", "warn"), "remove": ("-", "bad")}
DONE_TO: dict[Action, str] = {"add": "added", "change": "changed", "remove": "removed"}
LONGEST = 60  # columns of a value


def show_drifts(screen: Screen, drifts: Sequence[Drift], applied: AppliedState) -> None:
    """What was changed by hand since the last apply."""
    if not drifts:
        return
    screen.say(f"Changed by hand since the last apply ({absolute(applied.at)}, by {applied.by}):", "strong")
    for drift in drifts:
        told = "" if drift.asked else " (this file does not speak of it)"
        screen.say(f"! {drift.item} {DONE_TO[drift.action]}{told}", "warn")
        for field in drift.fields:
            screen.line(f"    {_change(field)}")
    screen.say("")


def show_differences(screen: Screen, found: Sequence[Difference]) -> None:
    """What is to be done, item by item, and how much that is."""
    for difference in found:
        show_difference(screen, difference)
    counts = Counter(difference.action for difference in found)
    words = ", ".join(f"{counts[action]} to {action}" for action in SIGNS if counts[action])
    screen.say(f"{counted(len(found), 'difference')}: {words}.")


def show_difference(screen: Screen, difference: Difference) -> None:
    """One of them, with its fields."""
    sign, style = SIGNS[difference.action]
    screen.say(f"{sign} {difference.item}", style)
    if difference.action == "add":
        shown = [field for field in difference.fields if field.after not in (None, "", {})]
        for field in shown:
            screen.line(f"    {field.name}: {value(field.after)}")
    else:
        for field in difference.fields:
            screen.line(f"    {_change(field)}{' (changed by hand)' if field.drifted else ''}")


def as_json(found: Iterable[Difference], drifted: Iterable[Drift], *, applied: bool) -> bytes:
    """The same for a program; `applied`: it was done."""
    told = {"differences": [_told(one) for one in found], "drift": [_told(one) for one in drifted], "applied": applied}
    return msgspec.json.encode(told)


def value(content: Any) -> str:
    """A value in one short line."""
    if content is None or content in ({}, []):
        return "none"
    if isinstance(content, str) and ("\n" in content or len(content) > LONGEST):
        return f"{counted(len(content.splitlines()), 'line')}, {counted(len(content), 'letter')}"
    return cut(inline(content), LONGEST)


def _told(one: Difference | Drift) -> dict[str, Any]:
    return {
        "section": one.item.section,
        "name": one.item.name,
        "action": one.action,
        "fields": one.fields,
        **({"asked": one.asked} if isinstance(one, Drift) else {}),
    }


def _change(field: FieldChange) -> str:
    return f"{field.name}: {value(field.before)} → {value(field.after)}"
