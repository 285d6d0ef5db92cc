"""Box sets as they are on a Jellyfin server, and as they should be by what Shoko says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from shared.outside.errors import Refused

from ..clients.jellyfin_boxsets import JellyfinBoxSets, folder_of
from ..clients.jellyfin_items import Item
from ..clients.jellyfin_plugins import Plugin
from ..clients.shoko import ShokoClient
from ..clients.shoko_reading import Group
from ..clients.steps import Step
from . import collections as rules
from .collections import BoxSet

NOT_THERE = 404


class Belonging(Struct, frozen=True, kw_only=True):
    """The sets that there should be. `unknown`: items whose series Shoko does not know."""

    sets: Sequence[BoxSet] = ()
    unknown: frozenset[str] = frozenset()


async def present_sets(boxes: JellyfinBoxSets) -> list[BoxSet]:
    """The sets of the plugin, with what is in them. OutsideError."""
    found = {item.id: item for item in await boxes.all() if rules.key_of(item)}
    return [await with_members(boxes, item, found.values()) for item in found.values()]


async def with_members(boxes: JellyfinBoxSets, item: Item, sets: Iterable[Item]) -> BoxSet:
    """A set with what is in it; `sets` are those that are told by key. OutsideError."""
    keys = {each.id: rules.key_of(each) for each in sets}
    held = await boxes.members(item.id)
    return BoxSet(
        key=rules.key_of(item),
        name=item.name,
        folder=folder_of(item),
        id=item.id,
        members={each.id: each.title for each in held if each.id not in keys},
        sets={keys[each.id]: each.name for each in held if each.id in keys},
    )


async def wanted_sets(shoko: ShokoClient, plugin: Plugin, items: Sequence[Item], step: Step) -> Belonging:
    """The sets of films and shows as the plugin is set up to make them. OutsideError."""
    least = 2 if plugin.pairs_only else 1
    films = [item for item in items if item.type == "Movie" and item.shoko_file]
    chosen = films if plugin.grouping == "Movies" else [*films, *(item for item in items if item.type == "Series")]
    chosen = [item for item in chosen if item.shoko_series and not item.is_virtual]
    of_series = await _groups_of(shoko, sorted({item.shoko_series for item in chosen}), step)
    unknown = frozenset(item.id for item in chosen if item.shoko_series not in of_series)
    known = [item for item in chosen if item.id not in unknown]
    if plugin.grouping == "Movies":
        names = await _names(shoko, of_series)
        return Belonging(sets=rules.by_series(known, names, least), unknown=unknown)
    groups = await _upwards(shoko, of_series.values())
    return Belonging(
        sets=rules.by_group([(item, of_series[item.shoko_series].id) for item in known], groups, least),
        unknown=unknown,
    )


async def _groups_of(shoko: ShokoClient, series: Sequence[str], step: Step) -> dict[str, Group]:
    found = {}
    for number, each in enumerate(series):
        step(number / len(series), "asking Shoko what belongs together")
        try:
            found[each] = await shoko.series_group(each)
        except Refused as refusal:
            if refusal.status != NOT_THERE:
                raise
    return found


async def _names(shoko: ShokoClient, of_series: dict[str, Group]) -> dict[str, str]:
    names: dict[str, str] = {}
    for group in {group.id for group in of_series.values()}:
        names.update((str(series.id), series.name) for series in await shoko.group_series(group))
    return names


async def _upwards(shoko: ShokoClient, groups: Iterable[Group]) -> dict[int, Group]:
    """The groups with all that are above them."""
    found = {group.id: group for group in groups}
    rest = list(found.values())
    while rest:
        above = rest.pop().parent_id
        if above is not None and above not in found:
            found[above] = await shoko.group(above)
            rest.append(found[above])
    return found
