"""What somebody has at one moment, as the ledger keeps it on each side of a change."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from shared.access.terms import Effect


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account's access. `titles` are its libraries' for a person to read, in order.

    `raw` is what the provider needs to put a server back as it was, down to "all libraries". `rules` are the person's
    rules that the change is about, by library; None: no rule.
    """

    libraries: frozenset[int] = frozenset()
    titles: tuple[str, ...] = ()
    all_libraries: bool = False
    locked: bool = False
    raw: Any = None
    rules: dict[int, Effect | None] = {}


class Ending(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a person's access has ended for their last day, and whether a person has `approved` that."""

    expires_on: date
    ended: bool = False
    approved: bool = False


def kept(side: Struct) -> Any:
    """As the ledger keeps it."""
    return msgspec.to_builtins(side, str_keys=True)


def standing(value: Any) -> Standing:
    """As `kept` made it."""
    return msgspec.convert(value or {}, Standing, str_keys=True)


def ending(value: Any) -> Ending:
    """As `kept` made it."""
    return msgspec.convert(value, Ending)
