"""A run told to a person: its changes, and one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from shared.contracts.reports import Change
from shared.directory.effects import LedgerRow

from ..ledgered.counting import counted, few

MOST_CHANGES = 1_000
"""Of a plan that are shown; a person reads no more, and a bundle holds no more."""

MOST_ALIKE = 3
"""Steps named in a sentence that ended for the same reason: the plan has them all."""

MOST_ENTRIES, MOST_LETTERS = 6, 120
"""Of one side of a change: entries of each list in it, and letters of each text."""


class Story(Struct, frozen=True, kw_only=True):
    """What became of a run. `resting`, `failures`, `warnings`: clauses, ready to be told. `left`: can't be undone."""

    rows: Sequence[LedgerRow] = ()
    resting: Sequence[str] = ()
    failures: Sequence[str] = ()
    warnings: Sequence[str] = ()
    left: Sequence[str] = ()
    rehearsed: bool = False


def change(row: LedgerRow, kinds: Mapping[str, str]) -> Change:
    """A row as a change of the plan; `kinds` has the words for what it does."""
    return Change(
        number=row.number,
        action=kinds[row.kind],
        target=row.target,
        why=row.why,
        before=brief(row.before),
        after=brief(row.after),
    )


def brief(side: Any) -> Any:
    """One side of a change, cut to what a person reads: the ledger has the whole, a message has to hold a plan."""
    match side:
        case dict():
            more = {"…": f"and {len(side) - MOST_ENTRIES} more"} if len(side) > MOST_ENTRIES else {}
            return {name: brief(value) for name, value in list(side.items())[:MOST_ENTRIES]} | more
        case list():
            rest = [f"and {len(side) - MOST_ENTRIES} more"] if len(side) > MOST_ENTRIES else []
            return [brief(value) for value in side[:MOST_ENTRIES]] + rest
        case str() if len(side) > MOST_LETTERS:
            return side[:MOST_LETTERS] + "…"
        case _:
            return side


def summary(story: Story, kinds: Mapping[str, str]) -> str:
    """The run in a sentence: "12 merged, 1 failed (Pilot on Attic: refused); 1 server failed (...)"."""
    parts = [", ".join(_counts(story, kinds))]
    if story.left:
        parts.append(f"{counted(len(story.left), 'change')} can't be taken back ({few(story.left)})")
    if story.resting:
        parts.append(f"{counted(len(story.resting), 'server')} skipped ({'; '.join(story.resting)})")
    if story.failures:
        parts.append(f"{len(story.failures)} failed ({few(story.failures, '; ')})")
    return "; ".join([part for part in parts if part] or ["nothing to do"]) + _noted(story.warnings)


def _counts(story: Story, kinds: Mapping[str, str]) -> Iterable[str]:
    for kind, words in kinds.items():
        if number := sum(row.state == "done" and row.kind == kind for row in story.rows):
            yield f"{number} {words}"
    if number := sum(row.state in ("planned", "claimed") for row in story.rows):
        yield counted(number, "change") + (" planned" if story.rehearsed else " not reached")
    for state in ("skipped", "failed"):
        rows = [row for row in story.rows if row.state == state]
        if rows:
            yield f"{len(rows)} {state} ({few([*_by_reason(rows)], '; ')})"


def _by_reason(rows: Sequence[LedgerRow]) -> Iterable[str]:
    """What befell several is said once."""
    targets: dict[str, list[str]] = {}
    for row in rows:
        targets.setdefault(row.detail, []).append(row.target)
    return (f"{few(names, most=MOST_ALIKE)}: {detail}" for detail, names in targets.items())


def _noted(warnings: Sequence[str]) -> str:
    return "".join(f". {warning}" for warning in dict.fromkeys(warnings))
