"""What the cells of a line say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ..details import LAST_YEAR, LONGEST, fault
from .cells import Line
from .matching import BadLine
from .terms import NO, YES, Plan, Term

_YES, _NO = frozenset({YES, "true", "1"}), frozenset({NO, "false", "0"})


def details_in(line: Line) -> dict[str, str]:
    """What the line says of the person. BadLine."""
    given = {field: line.cells[field] for field in LONGEST if line.cells.get(field)}
    for field, text in given.items():
        if wrong := fault(field, text):
            raise BadLine(wrong)
    return given


def term_in(line: Line, before: Mapping[str, str], plans: Sequence[Plan], today: date) -> Term | None:
    """The subscription that the line wants in place of the one `before`; None if it says nothing of any. BadLine."""
    if not any(line.cells.get(field) for field in ("plan", "expires_on", "lifetime")):
        return None
    plan = _plan(line.cells.get("plan") or before.get("plan", ""), plans)
    expires_on, lifetime = _date(line.cells.get("expires_on", "")), _lifetime(line.cells.get("lifetime", ""))
    if lifetime and expires_on:
        raise BadLine("`lifetime` and `expires_on` exclude each other")
    if lifetime:
        return Term(plan=plan, expires_on=None)
    if expires_on is None:
        expires_on = _unsaid(before, plan, today, lifetime)
    return Term(plan=plan, expires_on=expires_on)


def _unsaid(before: Mapping[str, str], plan: Plan | None, today: date, lifetime: bool | None) -> date | None:
    """The last day when the line names none: it stays as it is; a new subscription has the length of its plan."""
    if before.get("expires_on"):
        return date.fromisoformat(before["expires_on"])
    if before.get("lifetime") == YES and lifetime is None:
        return None
    if plan is not None and plan.days is not None:
        return today + timedelta(days=plan.days)
    if lifetime is None:
        return None
    raise BadLine("it is not for life, so `expires_on` has to say until when")


def _plan(name: str, plans: Sequence[Plan]) -> Plan | None:
    if not name:
        return None
    for plan in plans:
        if plan.name == name:
            return plan
    raise BadLine(f"there is no plan named {name!r}")


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    # fromisoformat takes 20300131 and 2030-W05-4 too; a table that is edited by hand should have one way to say it.
    if found is None or found.isoformat() != text or found.year > LAST_YEAR:
        raise BadLine(f"`expires_on` is no day: write {text!r} as 2030-01-31")
    return found


def _lifetime(text: str) -> bool | None:
    """None when the cell does not say."""
    if not text:
        return None
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise BadLine(f"`lifetime` is yes or no, not {text!r}")
