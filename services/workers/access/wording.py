"""Changes of access told to a person: as the changes of a plan, and as one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from shared.contracts.reports import Change
from shared.directory.effects import LedgerRow

from ..ledgered.counting import counted, few
from .standings import Standing, standing

MOST_CHANGES = 5_000
"""A plan travels in one message, and a person reads it."""
WAITS = "waits for approval"
ABOUT_PEOPLE = frozenset({"end", "spare", "remove", "bring_back"})
"""Kinds of rows that are about a person; the others are about an account."""
ACTIONS: Mapping[str, str] = {
    "adopt": "exception kept",
    "rules": "exception taken back",
    "invite": "invited",
    "uninvite": "invitation withdrawn",
    "end": "access ended",
    "spare": "access goes on",
    "remove": "put aside",
    "bring_back": "brought back",
}


class Story(Struct, frozen=True, kw_only=True):
    """What became of a run. `too_much`: why a part of it has to wait. The others are clauses, ready to be told."""

    rows: Sequence[LedgerRow] = ()
    waiting: Sequence[LedgerRow] = ()
    too_much: str = ""
    alone: Sequence[str] = ()
    resting: Sequence[str] = ()
    failures: Sequence[str] = ()
    rehearsed: bool = False


def summary(story: Story) -> str:
    """The run in a sentence: "12 people changed, 1 failed (Mara on Attic: ...); access of 25 people waits ..."."""
    held = [row for row in story.rows if row.state == "held"]
    parts = [_done(story)]
    if held:
        parts.append(f"access of {people(held)} {WAITS}: {story.too_much or 'it is too much to take unasked'}")
    if story.waiting:
        runs = ", ".join(dict.fromkeys(str(row.run) for row in story.waiting))
        parts.append(f"access of {people(story.waiting)} {WAITS} (run {runs})")
    if story.alone:
        parts.append(f"{counted(len(story.alone), 'account')} left alone after a failure ({few(story.alone)})")
    if story.resting:
        parts.append(f"{counted(len(story.resting), 'server')} skipped ({'; '.join(story.resting)})")
    if story.failures:
        parts.append(f"{counted(len(story.failures), 'server')} failed ({'; '.join(story.failures)})")
    return "; ".join(part for part in parts if part) or "nothing to do"


def people(rows: Iterable[LedgerRow]) -> str:
    """ "25 people (Ada on Attic, Mara on Attic and 23 more)"."""
    targets = {row.person_id: row.target for row in rows}
    return f"{counted(len(targets), 'person', 'people')} ({few(list(targets.values()))})"


def _done(story: Story) -> str:
    """ "12 people changed, 1 skipped (...), 2 failed (...)"; empty when there was nothing."""
    planned = [row for row in story.rows if row.state in ("planned", "claimed")]
    parts = [_people_of([row for row in story.rows if row.state == "done"], "changed")]
    parts.append(_people_of(planned, "to change" if story.rehearsed else "not reached"))
    for state in ("skipped", "failed"):
        rows = [row for row in story.rows if row.state == state]
        if rows:
            parts.append(f"{len(rows)} {state} ({few([f'{row.target}: {row.detail}' for row in rows], '; ')})")
    return ", ".join(part for part in parts if part)


def _people_of(rows: Sequence[LedgerRow], what: str) -> str:
    return f"{counted(len({row.person_id for row in rows}), 'person', 'people')} {what}" if rows else ""


def change(row: LedgerRow) -> Change:
    """A row as a change of a plan."""
    before, after = _sides(row)
    why = f"{row.why}; {WAITS}" if row.state == "held" else row.why
    return Change(number=row.number, action=_action(row), target=row.target, why=why, before=before, after=after)


def _sides(row: LedgerRow) -> tuple[Any, Any]:
    if row.kind in ABOUT_PEOPLE:
        return row.before, row.after
    before, after = standing(row.before), standing(row.after)
    if before.locked == after.locked:
        return list(before.titles), list(after.titles)
    return _with_lock(before), _with_lock(after)


def _with_lock(side: Standing) -> dict[str, Any]:
    return {"libraries": list(side.titles), "can log in": not side.locked}


def _action(row: LedgerRow) -> str:
    if row.kind != "access":
        return ACTIONS[row.kind]
    before, after = standing(row.before), standing(row.after)
    given, taken = after.libraries - before.libraries, before.libraries - after.libraries
    if not given and not taken:
        return "user locked" if after.locked else "user unlocked"
    if given and taken:
        return "access changed"
    return "access given" if given else "access taken"
