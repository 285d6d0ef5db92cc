"""Lists in pages: `?limit=&after=`, and `next` in the answer, which is the `after` of the next page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from .problems import Problem

Limit = Annotated[int, Meta(ge=1, le=1000)]


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a list."""

    limit: Limit = 100
    after: str | None = None


def uuid_after(after: str | None) -> UUID | None:
    """The id in a cursor. Raises `bad_parameter`."""
    try:
        return None if after is None else UUID(after)
    except ValueError:
        raise bad_cursor() from None


def number_after(after: str | None, otherwise: int) -> int:
    """The number in a cursor. Raises `bad_parameter`."""
    if after is None:
        return otherwise
    if not (after.isdecimal() and after.isascii() and len(after) <= 18):
        raise bad_cursor()
    return int(after)


def moment_after(after: str | None, otherwise: datetime) -> datetime:
    """The time in a cursor. Raises `bad_parameter`."""
    try:
        moment = otherwise if after is None else datetime.fromisoformat(after)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment


def moment_cursor(moment: datetime) -> str:
    """The cursor that `moment_after` reads; without a plus sign, which means a blank in a query."""
    return moment.isoformat().replace("+00:00", "Z")


def bad_cursor() -> Problem:
    return Problem("bad_parameter", "`after` is not the `next` of an earlier page.")
