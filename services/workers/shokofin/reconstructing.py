"""Reconstructing collections: the plugin's box sets are brought to what Shoko's series and groups say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from shared.directory.effects import LedgerRow
from shared.outside.errors import Malformed, OutsideError

from ..clients.jellyfin_boxsets import JellyfinBoxSets, folder_of
from ..clients.jellyfin_items import Item
from ..door import RunContext
from . import collections as rules
from .collections import BoxSet, Change
from .gathering import Belonging, present_sets, wanted_sets, with_members
from .places import Place
from .work import NotNow, Planned, Step, not_installed, reading

CHANGED = "changed meanwhile on the server"
_OPPOSITE = {"make": "remove", "remove": "make", "fill": "fill"}
_WHY = {
    "make": "Shoko says that these belong together",
    "fill": "Shoko says that something else belongs together",
    "remove": "nothing in Shoko calls for it",
}


class Collections:
    """Makes, fills and removes box sets that carry Shoko's ids; all others are left alone."""

    needs_library = True
    kinds: Mapping[str, str] = {"make": "made", "fill": "changed", "remove": "removed"}

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """See `Work`. With grouping None, which is the plugin's default, all of its sets go."""
        if place.plugin is None:
            return not_installed(place)
        step = reading(run, place)
        belonging = Belonging()
        if place.plugin.grouping != "None":
            shoko = place.needed_shoko()
            items = await place.media.all_items(["Movie", "Series"], step)
            belonging = await wanted_sets(shoko, place.plugin, items, step)
        present = await present_sets(JellyfinBoxSets(place.media))
        found = rules.changes(present, belonging.sets, belonging.unknown, place.plugin.version)
        return Planned(steps=[_step(change) for change in found], warnings=_strangers(place, belonging))

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """See `Work`. What was done is read again: only what stands there counts."""
        boxes, version = JellyfinBoxSets(place.media), place.plugin.version if place.plugin else ""
        before, after = _read(row.before), _read(row.after)
        sets = {item.id: item for item in await boxes.all()}
        item = _found(sets, before or after)
        present = None if item is None else await with_members(boxes, item, _ours(sets))
        if _fulfilled(present, item, after):
            return ""
        if row.state != "claimed" and not _as_left(present, before):
            raise NotNow(CHANGED)
        if after is None:
            await boxes.remove(item.id if item else "")
        else:
            await self._bring(boxes, after, present, sets, version)
        sets = {item.id: item for item in await boxes.all()}
        item = _found(sets, before or after)
        present = None if item is None else await with_members(boxes, item, _ours(sets))
        if not _fulfilled(present, item, after):
            raise Malformed(f"{place.server.name} accepted it, but the collection is not as it should be")
        return ""

    def inverse(self, row: LedgerRow) -> Step | None:
        """Back to the image from before; a set that was removed is made by its former folder's name."""
        return Step(kind=_OPPOSITE[row.kind], target=row.target, why=row.why, before=row.after, after=row.before)

    @staticmethod
    async def _bring(
        boxes: JellyfinBoxSets, after: BoxSet, present: BoxSet | None, sets: Mapping[str, Item], version: str
    ) -> None:
        """Make the set if it is not there, and have it hold what it should: first in, then out."""
        ids = {rules.key_of(item): item.id for item in reversed(_ours(sets))}
        if missing := [name for key, name in after.sets.items() if key not in ids]:
            raise OutsideError(f"{after.name} is to hold {', '.join(missing)}, which is not there")
        wanted = {*after.members, *(ids[key] for key in after.sets)}
        if present is None:
            number, held = await boxes.make(after.folder), set[str]()
        else:
            number = present.id
            held = {*present.members, *(ids[key] for key in present.sets)}
        await boxes.add(number, wanted - held)
        await boxes.take(number, held - wanted)
        if number not in sets or not rules.dressed(sets[number]):
            await boxes.label(number, after.name, rules.provider_id(after.key, version))


def _step(change: Change) -> Step:
    return Step(
        kind=change.kind,
        target=change.title,
        why=_WHY[change.kind],
        before=_kept(change.before),
        after=_kept(change.after),
    )


def _strangers(place: Place, belonging: Belonging) -> tuple[str, ...]:
    if not belonging.unknown:
        return ()
    return (
        f"{len(belonging.unknown)} items on {place.server.name} are of series that Shoko does not know: "
        "they stay in the collections in which they are",
    )


def _ours(sets: Mapping[str, Item]) -> list[Item]:
    return [item for item in sets.values() if rules.key_of(item)]


def _found(sets: Mapping[str, Item], image: BoxSet | None) -> Item | None:
    """The set that an image is of: by its id; else, if it was made since, by its folder."""
    if image is None:
        return None
    if image.id in sets:
        return sets[image.id]
    return next((item for item in sets.values() if folder_of(item) == image.folder), None)


def _as_left(present: BoxSet | None, before: BoxSet | None) -> bool:
    if present is None or before is None:
        return present is before
    return rules.same_members(present, before)


def _fulfilled(present: BoxSet | None, item: Item | None, after: BoxSet | None) -> bool:
    if present is None or item is None or after is None:
        return present is None and after is None
    return rules.same_members(present, after) and rules.dressed(item)


def _kept(image: BoxSet | None) -> Any:
    return None if image is None else structs.asdict(image)


def _read(kept: Any) -> BoxSet | None:
    return None if kept is None else msgspec.convert(kept, BoxSet)
