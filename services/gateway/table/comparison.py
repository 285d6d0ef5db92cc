"""What a table of people would change. Pure.

An empty cell, like a column that is not there, leaves what is known: an import takes nothing away. A line goes to the
person of its `id`; without one to whoever alone has its e-mail address, else to whoever alone has its name, unless they
have another address. Whoever is not found so is added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from ..details import LONGEST
from .cells import Line
from .matching import BadLine, Matching
from .reading import details_in, term_in
from .terms import Plan, Term, term_cells

Cells = Mapping[str, str]


class FieldChange(Struct, frozen=True, kw_only=True):
    """A cell that says something else than what is known."""

    field: str
    before: str
    after: str


class Difference(Struct, frozen=True, kw_only=True):
    """What one line would do. `number` is its place in the text; `reason` says what is wrong with it."""

    number: int
    outcome: Literal["added", "changed", "unchanged", "error"]
    name: str
    person_id: UUID | None = None
    changes: tuple[FieldChange, ...] = ()
    reason: str = ""


class Step(Struct, frozen=True, kw_only=True):
    """What is to be written for one line. Without `person_id` somebody is added."""

    person_id: UUID | None
    details: Mapping[str, str]
    term: Term | None


class Comparison(Struct, frozen=True, kw_only=True):
    """All lines, and what is to be written for those that change something."""

    differences: tuple[Difference, ...]
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """The same for the same differences, and for no others."""
        return hashlib.sha256(msgspec.json.encode(self.differences)).hexdigest()

    def count(self, outcome: str) -> int:
        """How many lines come to this."""
        return sum(difference.outcome == outcome for difference in self.differences)


def compare(lines: Iterable[Line], people: Sequence[Cells], plans: Sequence[Plan], today: date) -> Comparison:
    """What the lines would change. `people`: the cells of all people, as an export writes them."""
    matching = Matching(people)
    differences: list[Difference] = []
    steps: list[Step] = []
    for line in lines:
        try:
            difference, step = _compare(line, matching, plans, today)
        except BadLine as error:
            difference, step = _faulty(line, str(error)), None
        differences.append(difference)
        if step is not None:
            steps.append(step)
    return Comparison(differences=tuple(differences), steps=tuple(steps))


def _compare(line: Line, matching: Matching, plans: Sequence[Plan], today: date) -> tuple[Difference, Step | None]:
    known = matching.take(line)
    before: Cells = known or {}
    details = {field: text for field, text in details_in(line).items() if text != before.get(field, "").strip()}
    term = term_in(line, before, plans, today)
    after = details | (term_cells(term) if term else {})
    changes = tuple(
        FieldChange(field=field, before=before.get(field, ""), after=text)
        for field, text in after.items()
        if text != before.get(field, "")
    )
    person_id = UUID(known["id"]) if known else None
    outcome: Literal["added", "changed", "unchanged"] = "changed" if changes else "unchanged"
    difference = Difference(
        number=line.number,
        outcome=outcome if known else "added",
        name=after.get("name") or before.get("name", ""),
        person_id=person_id,
        changes=changes,
    )
    return difference, Step(person_id=person_id, details=details, term=term) if changes else None


def _faulty(line: Line, reason: str) -> Difference:
    return Difference(
        number=line.number, outcome="error", name=line.cells.get("name", "")[: LONGEST["name"]], reason=reason
    )
