"""Which box sets there should be, and how those that there are differ from that. Pure.

The rules are those of Shokofin's CollectionManager: one set for each series of films, or one for each group of Shoko,
nested like these. A set is known by its key: the group or the series that it stands for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from msgspec import Struct, structs

from ..clients.jellyfin_items import Item
from ..clients.shoko_reading import Group

GROUP, SERIES = "group", "series"
_NAMES: Mapping[str, Sequence[str]] = {
    GROUP: ("ShokoCollectionGroup", "ShokoGroup"),
    SERIES: ("ShokoCollectionSeries", "ShokoSeries"),
}
"""The provider ids of such sets, to Shokofin 5 and from 6 on (its ExternalIds)."""
FIRST_WITH_NEW_NAMES = 6
_IN_FOLDER = re.compile(r"\[(\w+)=(\d+)\]")


class BoxSet(Struct, frozen=True, kw_only=True):
    """A box set that stands for a group or series of Shoko. `key` is `group:12` or `series:34`.

    `members` are items by id, with their titles; `sets` are the keys of further such sets in it, with their names.
    `folder` is the name that it was made by, and keeps on disk. `id` is "" until it is made.
    """

    key: str
    name: str
    folder: str
    id: str = ""
    members: Mapping[str, str] = {}
    sets: Mapping[str, str] = {}


class Change(Struct, frozen=True, kw_only=True):
    """A set that is to be made (no `before`), to be removed (no `after`), or to get other members."""

    before: BoxSet | None = None
    after: BoxSet | None = None

    @property
    def kind(self) -> str:
        """Which of the three."""
        if self.before is None:
            return "make"
        return "remove" if self.after is None else "fill"

    @property
    def title(self) -> str:
        """What a person calls it."""
        either = self.after or self.before
        return either.name if either else ""


def key_of(item: Item) -> str:
    """The key of a box set, by its provider ids or else its folder; "" for one that is not Shokofin's."""
    found = dict(_IN_FOLDER.findall(item.path)) | dict(item.provider_ids)
    for kind, names in _NAMES.items():
        for name in names:
            if number := found.get(name):
                return f"{kind}:{number}"
    return ""


def dressed(item: Item) -> bool:
    """Whether a box set has its provider id: one whose making was broken off has it only in the folder's name."""
    return any(item.provider_ids.get(name) for name in chain.from_iterable(_NAMES.values()))


def provider_id(key: str, plugin_version: str) -> tuple[str, str]:
    """The provider id by which the plugin of this version knows a set again: its name and its value."""
    kind, _, number = key.partition(":")
    major = plugin_version.partition(".")[0]
    newer = major.isdecimal() and int(major) >= FIRST_WITH_NEW_NAMES
    return _NAMES[kind][newer], number


def folder_of(name: str, key: str, plugin_version: str) -> str:
    """The name to make a set by: with its key in it, since two sets of one name would share a folder."""
    id_name, value = provider_id(key, plugin_version)
    plain = name.encode("ascii", "ignore").decode()
    return f"{plain.strip()} [{id_name}={value}]".strip()


def by_series(films: Iterable[Item], names: Mapping[str, str], least: int) -> list[BoxSet]:
    """A set for each series with at least `least` films, however many versions each has. `names` by series."""
    inside: dict[str, list[Item]] = {}
    for film in films:
        inside.setdefault(film.shoko_series, []).append(film)
    return [
        BoxSet(key=f"{SERIES}:{series}", name=names[series], folder="", members={item.id: item.title for item in items})
        for series, items in inside.items()
        if series in names and _entries(items) >= least
    ]


def by_group(items: Iterable[tuple[Item, int]], groups: Mapping[int, Group], least: int) -> list[BoxSet]:
    """A set for each group in which an item is, and those above it, if its topmost group holds `least` entries in all.

    `items` with the ids of their groups; `groups`: these and all above them. Those at the bottom come first.
    """
    inside: dict[int, dict[str, Item]] = {}
    for item, group in items:
        inside.setdefault(group, {})[item.id] = item
    entries: Counter[int] = Counter()
    for group, held in inside.items():
        entries[groups[group].top_id] += _entries(held.values())
    wanted = {above for group in inside if entries[groups[group].top_id] >= least for above in _line(group, groups)}
    return [
        BoxSet(
            key=f"{GROUP}:{group}",
            name=groups[group].name,
            folder="",
            members={item.id: item.title for item in inside.get(group, {}).values()},
            sets={
                f"{GROUP}:{below}": groups[below].name for below in sorted(wanted) if groups[below].parent_id == group
            },
        )
        for group in sorted(wanted, key=lambda group: (-len(_line(group, groups)), group))
    ]


def changes(
    present: Sequence[BoxSet], wanted: Sequence[BoxSet], unknown: Collection[str], plugin_version: str
) -> list[Change]:
    """What has to be done, in the order in which to do it: what is in a set is made before it, and removed after it.

    `unknown`: items of which nobody can say where they belong; they stay where they are.
    """
    there: dict[str, BoxSet] = {}
    spare: list[BoxSet] = []
    for found in present:
        if found.key in there:
            spare.append(found)
        else:
            there[found.key] = found
    made, filled = [], []
    for box in wanted:
        found_or_none = there.pop(box.key, None)
        if found_or_none is None:
            new = structs.replace(box, folder=folder_of(box.name, box.key, plugin_version))
            made.append(Change(after=new))
            continue
        after = _refilled(found_or_none, box, unknown)
        if not same_members(found_or_none, after):
            filled.append(Change(before=found_or_none, after=after))
    stale = [box for box in [*spare, *there.values()] if not box.members.keys() & set(unknown)]
    return [*made, *filled, *(Change(before=box) for box in _outer_first(stale))]


def same_members(one: BoxSet, other: BoxSet) -> bool:
    """Whether two sets hold the same."""
    return one.members.keys() == other.members.keys() and one.sets.keys() == other.sets.keys()


def _refilled(found: BoxSet, wanted: BoxSet, unknown: Collection[str]) -> BoxSet:
    kept = {number: title for number, title in found.members.items() if number in unknown}
    return structs.replace(found, members={**wanted.members, **kept}, sets=wanted.sets)


def _entries(items: Iterable[Item]) -> int:
    """How many entries they are for somebody who looks: versions of one film are one."""
    return len({(item.library_id, item.shoko_episode or item.id) for item in items})


def _line(group: int, groups: Mapping[int, Group]) -> list[int]:
    """A group and all above it."""
    line = [group]
    while (parent := groups[line[-1]].parent_id) is not None and parent in groups and parent not in line:
        line.append(parent)
    return line


def _outer_first(sets: Sequence[BoxSet]) -> list[BoxSet]:
    """Sets before those that are in them, so that an undo, which goes backwards, finds what it puts into a set."""
    ordered: list[BoxSet] = []
    rest = list(sets)
    while rest:
        inner = {key for box in rest for key in box.sets if key != box.key}
        outer = [box for box in rest if box.key not in inner] or rest
        ordered += outer
        rest = [box for box in rest if box not in outer]
    return ordered
