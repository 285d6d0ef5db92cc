"""Whom a line is about. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from .cells import Line

Cells = Mapping[str, str]


class BadLine(Exception):
    """A line that can't be used; the message says why."""


class Matching:
    """People, by what a line can name them by; each line takes somebody else."""

    def __init__(self, people: Iterable[Cells]) -> None:
        self._by_id: dict[str, Cells] = {}
        self._by_email: dict[str, list[Cells]] = defaultdict(list)
        self._by_name: dict[str, list[Cells]] = defaultdict(list)
        self._taken: dict[str, int] = {}
        for cells in people:
            self._by_id[cells["id"]] = cells
            self._by_name[cells["name"]].append(cells)
            if cells["email"]:
                self._by_email[cells["email"].casefold()].append(cells)

    def take(self, line: Line) -> Cells | None:
        """The person whom the line is about; None for somebody new. BadLine: it may be several, or was taken before."""
        known = self._find(line)
        cells = line.cells
        key = known["id"] if known else f"new {cells.get('email', '').casefold() or cells.get('name', '')}"
        if key in self._taken:
            raise BadLine(f"line {self._taken[key]} is about the same person")
        self._taken[key] = line.number
        return known

    def _find(self, line: Line) -> Cells | None:
        if id := line.cells.get("id", ""):
            return self._of_id(id)
        name, email = line.cells.get("name", ""), line.cells.get("email", "")
        if not name:
            raise BadLine("neither `id` nor `name` says whom it is about")
        if found := self._by_email.get(email.casefold(), []):
            return _only(found, f"the e-mail address {email}")
        namesakes = self._by_name.get(name, [])
        if email:
            namesakes = [cells for cells in namesakes if not cells["email"]]
        return _only(namesakes, f"the name {name}") if namesakes else None

    def _of_id(self, id: str) -> Cells:
        try:
            return self._by_id[str(UUID(id))]
        except (ValueError, KeyError):
            raise BadLine(f"there is no person with the id {id}: leave it empty to add somebody") from None


def _only(found: list[Cells], by: str) -> Cells:
    if len(found) > 1:
        raise BadLine(f"{len(found)} people have {by}: say by `id` whom you mean")
    return found[0]
