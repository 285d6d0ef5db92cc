"""Merging and splitting the versions of films and episodes: each the undo of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from shared.directory.effects import LedgerRow
from shared.outside.errors import Malformed

from ..clients.jellyfin_items import Item
from ..door import RunContext
from . import versions
from .places import Place
from .versions import Regrouping
from .work import NotNow, Planned, Step, reading

CHANGED = "changed meanwhile on the server"
GONE = "the videos are gone"

Wish = Literal["merge", "split"]
_OPPOSITE: Mapping[str, Wish] = {"merge": "split", "split": "merge"}


class Versions:
    """Merges, or splits, all items of one type (`Movie` or `Episode`) that Shoko knows."""

    needs_library = True
    kinds: Mapping[str, str] = {"merge": "merged", "split": "split"}

    def __init__(self, wish: Wish, item_type: Literal["Movie", "Episode"]) -> None:
        self._wish = wish
        self._type = item_type

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """Only what is not as it should be: everything else stays linked all the time."""
        items = await place.media.all_items([self._type], reading(run, place))
        if self._wish == "merge":
            return Planned(steps=[self._step(each) for each in versions.to_merge(items)])
        steps = [self._step(each) for each in versions.to_split(items)]
        return Planned(steps=steps, warnings=_undone_by_plugin(place) if steps else ())

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """See `Work`. A row that was begun may stand anywhere between its two sides."""
        ids = {number for side in (row.before, row.after) for each in side for number in each}
        items = await place.media.of_ids(ids)
        if not items:
            raise NotNow(GONE)
        present, wanted = versions.grouped(items.values()), versions.read(row.after, items)
        if await _strangers(place, items):
            raise NotNow(CHANGED)
        if present == wanted:
            return ""
        if row.state != "claimed" and present != versions.read(row.before, items):
            raise NotNow(CHANGED)
        moves = versions.moves(present, wanted)
        for number in moves.split:
            await place.media.split(number)
        for each in moves.merge:
            await place.media.merge(each)
        if versions.grouped((await place.media.of_ids(ids)).values()) != wanted:
            raise Malformed(f"{place.server.name} accepted it, but the versions are not as they should be")
        return ""

    def inverse(self, row: LedgerRow) -> Step | None:
        """Back to exactly the sets that there were."""
        return Step(kind=_OPPOSITE[row.kind], target=row.target, why=row.why, before=row.after, after=row.before)

    def _step(self, found: Regrouping) -> Step:
        what = "episode" if len(found.episodes) == 1 else "episodes"
        return Step(
            kind=self._wish,
            target=found.title,
            why=f"{len(found.items)} files of Shoko's {what} {', '.join(found.episodes)}",
            before=versions.kept(found.before, found.items),
            after=versions.kept(found.after, found.items),
        )


async def _strangers(place: Place, items: Mapping[str, Item]) -> bool:
    """Whether somebody has linked further videos with these."""
    linked = {number for item in items.values() for number in item.source_ids}
    return bool(await place.media.of_ids(linked - items.keys()))


def _undone_by_plugin(place: Place) -> tuple[str, ...]:
    if place.plugin is None or not place.plugin.auto_merges:
        return ()
    return (
        f"Shokofin on {place.server.name} merges versions by itself after each library scan: they stay split only "
        "if that is switched off in its settings (Auto Merge Versions)",
    )
