"""What a fresh look at a server means for what is kept of its accounts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from shared.access.terms import Holding, Libraries, Servings

from .presence import Present, Wish
from .standings import Standing


def as_seen(holding: Holding, present: Present, servings: Servings) -> Holding:
    """The account as it was seen just now."""
    seen = frozenset(number for number, outside_id in servings.outside_ids.items() if outside_id in present.observed)
    return structs.replace(
        holding, observed=seen & servings.present, all_libraries=present.all_libraries, state=present.state
    )


def refreshed(servings: Servings, presents: Mapping[str, Present]) -> Servings:
    """The server with those accounts as they were seen just now."""
    return structs.replace(
        servings,
        holdings=tuple(
            as_seen(holding, presents[holding.outside_id], servings) if holding.outside_id in presents else holding
            for holding in servings.holdings
        ),
    )


def stands(holding: Holding, side: Standing) -> bool:
    """Whether the account has exactly that."""
    return (
        holding.state in ("active", "disabled") and holding.observed == side.libraries and holding.locked == side.locked
    )


def wished(before: Standing, after: Standing, servings: Servings) -> Wish:
    """What to ask of the server, so that an account has what it is to have after a change."""
    return Wish(
        libraries=outside_ids(after.libraries, servings),
        lock=None if before.locked == after.locked else after.locked,
        restore=after.raw,
    )


def outside_ids(libraries: Libraries, servings: Servings) -> frozenset[str]:
    """The server's own names of libraries; one that is gone since has none."""
    return frozenset(servings.outside_ids[number] for number in libraries if number in servings.outside_ids)


def share_id(present: Present) -> str:
    """plex.tv's number of the share, which stays when an invitation is accepted; empty where there is none."""
    return str(present.raw.get("share", "")) if isinstance(present.raw, dict) else ""
