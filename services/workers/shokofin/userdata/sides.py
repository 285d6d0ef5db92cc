"""A step of the plan, and the row of the ledger that it becomes: what sides have, and what they are to have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from shared.directory.effects import LedgerRow

from ..work import Step
from .rules import Decision, alike, alike_on_shoko
from .terms import History, Stats
from .videos import Video

TO_SHOKO, TO_JELLYFIN, TO_BOTH, BACK, ANEW = "export", "import", "sync", "take back", "restore"
KINDS: Mapping[str, str] = {
    TO_SHOKO: "exported to Shoko",
    TO_JELLYFIN: "imported to Jellyfin",
    TO_BOTH: "exported to Shoko and dated on Jellyfin",
    BACK: "taken back",
}


class Sides(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the sides that a step writes have of one video for one user; a side that it does not write is left out.

    `user` and `item` are Jellyfin's ids, `file` and `episode` are Shoko's. `shoko` of None: it knows nothing of it.
    """

    user: str
    item: str
    file: str
    episode: str = ""
    jellyfin: History | UnsetType = UNSET
    shoko: Stats | UnsetType | None = UNSET


class Present(Struct, frozen=True, kw_only=True):
    """How both sides are now; a `jellyfin` of None: there is no such item, or the user does not see it."""

    jellyfin: History | None = None
    shoko: Stats | None = None


class Person(Struct, frozen=True, kw_only=True):
    """Whose user data a step is about, by Jellyfin's id and by ours."""

    user_id: str
    account_id: UUID
    person_id: UUID
    name: str


def step(person: Person, video: Video, before: Sides, after: Sides, *, kind: str, why: str) -> Step:
    """A change of what a person has of a video."""
    return Step(
        kind=kind,
        target=f"{video.title} for {person.name}",
        why=why,
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(after),
        person_id=person.person_id,
        account_id=person.account_id,
    )


def decided(person: Person, video: Video, decision: Decision, local: History, remote: Stats | None) -> Step:
    """What was decided, as a change."""
    before = after = Sides(user=person.user_id, item=video.id, file=video.file)
    if decision.local is not None:
        before, after = structs.replace(before, jellyfin=local), structs.replace(after, jellyfin=decision.local)
    if decision.remote is not None:
        before, after = structs.replace(before, shoko=remote), structs.replace(after, shoko=decision.remote)
    kind = TO_JELLYFIN if decision.remote is None else TO_SHOKO if decision.local is None else TO_BOTH
    return step(person, video, before, after, kind=kind, why=decision.why)


def read(kept: Any) -> Sides:
    """What a row of the ledger has kept."""
    return msgspec.convert(kept, Sides)


def taken_back(row: LedgerRow) -> Step:
    """The change that puts back what was before."""
    return Step(kind=BACK, target=row.target, why=row.why, before=row.after, after=row.before)


def to_write(present: Present, before: Sides, after: Sides, *, begun: bool) -> Sides | str:
    """`after` with only those sides that are not so yet; or why it can't be written: who changed what meanwhile.

    `begun`: an attempt that did not live to tell may have got half-way.
    """
    if isinstance(after.jellyfin, History):
        if present.jellyfin is None:
            return "the item is gone, or out of their sight"
        if alike(present.jellyfin, after.jellyfin):
            after = structs.replace(after, jellyfin=UNSET)
        elif not (alike(present.jellyfin, _history(before)) or (begun and present.jellyfin == History())):
            return "watched on Jellyfin meanwhile"
    if after.shoko is not UNSET:
        if alike_on_shoko(present.shoko, after.shoko):
            after = structs.replace(after, shoko=UNSET)
        elif before.shoko is UNSET or not alike_on_shoko(present.shoko, before.shoko):
            return "watched on Shoko meanwhile"
    return after


def _history(sides: Sides) -> History:
    return sides.jellyfin if isinstance(sides.jellyfin, History) else History()
