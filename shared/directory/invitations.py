"""Which accounts go by another outside id now: people who were invited by e-mail, and have a number since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .observation import INVITED, SeenAccount

Accounts = Mapping[str, SeenAccount]
"""Accounts by outside id."""


def renumbered(known: Accounts, removed: Accounts, wanted: Accounts, seen: Accounts) -> dict[str, str]:
    """From the outside id that is kept to the one that was seen: an open invitation has become an account, or somebody
    who is `wanted` has been invited.

    An invitation is known again by its share; somebody who is wanted (again) also by the outside id that they had, or
    by the very e-mail address to be invited.
    """
    open_invitations = {
        _share_of(key, account): key for key, account in known.items() if account.state == "pending" and key not in seen
    }
    by_share = {account.share_id: key for key, account in wanted.items()} | open_invitations
    by_email = {account.email.casefold(): key for key, account in wanted.items()}
    moves: dict[str, str] = {}
    for account in _newcomers(seen, known, removed):
        before = account.outside_id if account.outside_id in wanted else None
        before = before or (by_share.get(account.share_id) if account.share_id else None)
        before = before or (by_email.get(account.email.casefold()) if account.email else None)
        if before is not None and before not in moves:
            moves[before] = account.outside_id
    return moves


def _newcomers(seen: Accounts, known: Accounts, removed: Accounts) -> Iterable[SeenAccount]:
    return (account for key, account in seen.items() if key not in known and key not in removed)


def _share_of(key: str, account: SeenAccount) -> str:
    return account.share_id or (key.removeprefix(INVITED) if key.startswith(INVITED) else "")
