"""What can hardly be true of an observation, whatever the server says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from .comparison import Known
from .observation import Observation, SeenAccount

LONE_GUEST = 1
"""One guest may well leave; that several vanish at once is more likely an outage than the truth."""

WAY_OUT = "if that is so, run the synchronization by hand and let it believe the server"


def doubt(known: Known, seen: Observation, *, believe_empty: bool = False) -> str | None:
    """Why `seen` should not replace `known`, in a sentence; None if nothing speaks against it.

    `believe_empty`: a person has said that the emptiness is real. That another machine answers, or that ids repeat, is
    never believed.
    """
    empty = () if believe_empty else (f"{why}; {WAY_OUT}" for why in _empty(known, seen))
    return next(chain(_impossible(known, seen), empty), None)


def _impossible(known: Known, seen: Observation) -> Iterator[str]:
    if known.identifier and seen.identifier != known.identifier:
        yield f"another server ({seen.real_name}) answers at this address: correct the address, or add that server anew"
    if len({library.outside_id for library in seen.libraries}) < len(seen.libraries):
        yield "it lists a library twice"
    if len({account.outside_id for account in seen.accounts}) < len(seen.accounts):
        yield "it lists an account twice"


def _empty(known: Known, seen: Observation) -> Iterator[str]:
    if known.libraries and not seen.libraries:
        yield f"it lists no library, where {len(known.libraries)} were known"
    had = sum(library.item_count for library in known.libraries.values())
    if had and not sum(library.item_count for library in seen.libraries):
        yield f"it says that all its libraries are empty, where {had} items were known"
    accounts = {account.outside_id: account for account in seen.accounts}
    had, has = _guests(known.accounts), _guests(accounts)
    if had > LONE_GUEST and not has:
        yield f"it lists nobody but its owner, where {had} others were known"
    had, has = _shared(known.access, known.accounts), _shared(seen.access, accounts)
    if had > LONE_GUEST and not has:
        yield f"it shares nothing with anybody, where {had} people had libraries"


def _guests(accounts: Mapping[str, SeenAccount]) -> int:
    return sum(account.role not in ("owner", "admin") for account in accounts.values())


def _shared(access: Mapping[str, frozenset[str]], accounts: Mapping[str, SeenAccount]) -> int:
    return sum(
        bool(libraries) and key in accounts and accounts[key].role not in ("owner", "admin")
        for key, libraries in access.items()
    )
