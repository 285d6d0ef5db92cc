"""Until when, as cells say it. Pure."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

YES, NO = "yes", "no"


class Plan(Struct, frozen=True, kw_only=True):
    """A plan that lines can name. `days` is its length; without it, it is for life."""

    id: UUID
    name: str
    days: int | None


class Term(Struct, frozen=True, kw_only=True):
    """A subscription as a line wants it; without `expires_on` it is for life."""

    plan: Plan | None
    expires_on: date | None


def term_cells(term: Term) -> dict[str, str]:
    """The cells of a subscription."""
    return {
        "plan": term.plan.name if term.plan else "",
        "expires_on": term.expires_on.isoformat() if term.expires_on else "",
        "lifetime": NO if term.expires_on else YES,
    }
