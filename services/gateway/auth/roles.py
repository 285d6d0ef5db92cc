"""The three roles: viewer reads; operator runs, pauses, cancels; admin does everything."""

from __future__ import annotations

from typing import Literal

from ..store.accounts import Role

Allowed = Literal["anyone", "viewer", "operator", "admin"]

_RANKS: dict[Allowed, int] = {"anyone": 0, "viewer": 1, "operator": 2, "admin": 3}


def suffices(role: Role | None, wanted: Allowed) -> bool:
    """Whether somebody with this role, or a stranger (None), may do what `wanted` may."""
    return _RANKS[role or "anyone"] >= _RANKS[wanted]


def lesser(one: Role, other: Role) -> Role:
    """The one of two roles that may less."""
    return one if suffices(other, one) else other
