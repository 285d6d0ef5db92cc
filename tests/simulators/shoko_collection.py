"""What a Shoko server has collected: files of episodes, series, and the tree of groups that the series are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.simulators.names import item_title

FIRST_AIRED = date(1998, 4, 3)
DURATION = timedelta(minutes=24)
LEAF_GROUPS = 1000
"""Series n of a stock is in group 1000 + n,"""
PARENT_GROUPS = 500
"""which, nested, is in group 500 + n // 10."""
MOST_NESTED = (LEAF_GROUPS - PARENT_GROUPS) * 10 + 9
"""With more series than this, the parents' numbers would run into the leaves'."""


@dataclass(frozen=True, slots=True)
class File:
    """A file. One that holds several episodes names them all."""

    id: int
    series: int
    episodes: tuple[int, ...]
    duration: timedelta = DURATION

    @property
    def path(self) -> str:
        """Where it is below its import folder."""
        return f"Series {self.series}/Episode {self.episodes[0]} [{self.id}].mkv"

    @property
    def size(self) -> int:
        """In bytes."""
        return 300_000_000 + self.id


@dataclass(frozen=True, slots=True)
class Series:
    """A series, in one group."""

    id: int
    name: str
    group: int
    aired: date


@dataclass(frozen=True, slots=True)
class Group:
    """A group of series and of other groups; one without a parent is at the top."""

    id: int
    name: str
    parent: int | None = None


@dataclass
class Collection:
    """All of it. KeyError in every method: there is no such group, series or file."""

    files: dict[int, File] = field(default_factory=dict)
    episodes: dict[int, int] = field(default_factory=dict)
    """Series by episode."""
    series: dict[int, Series] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    local: dict[int, set[int]] = field(default_factory=dict)
    """Files by series."""
    _branches: dict[int, set[int]] = field(default_factory=dict, repr=False)
    """Groups by the group above them."""
    _leaves: dict[int, set[int]] = field(default_factory=dict, repr=False)
    """Series by group."""

    def add_group(self, group_id: int, *, name: str = "", parent: int | None = None) -> Group:
        """A new, empty group."""
        above = None if parent is None else self.groups[parent].id
        group = self.groups[group_id] = Group(group_id, name or f"Group {group_id}", above)
        self._branches[group_id], self._leaves[group_id] = set(), set()
        if above is not None:
            self._branches[above].add(group_id)
        return group

    def add_series(self, series_id: int, *, group: int, name: str = "", aired: date | None = None) -> Series:
        """A new series, all of whose files are missing yet."""
        made = Series(
            series_id,
            name or item_title(0, series_id),
            self.groups[group].id,
            aired or FIRST_AIRED + timedelta(days=series_id),
        )
        self._leaves[group].add(series_id)
        self.local[series_id] = set()
        self.series[series_id] = made
        return made

    def add_file(
        self, file_id: int, *, series: int, episodes: tuple[int, ...] = (), duration: timedelta = DURATION
    ) -> File:
        """A new file of a series; of the episode with the file's own number unless told otherwise."""
        file = File(file_id, series, episodes or (file_id,), duration)
        self.local[series].add(file_id)
        self.episodes.update(dict.fromkeys(file.episodes, series))
        self.files[file_id] = file
        return file

    def remove_file(self, file_id: int) -> None:
        """Delete a file; its episodes stay, and are missing if they had no other."""
        self.local[self.files.pop(file_id).series].discard(file_id)

    def move_series(self, series_id: int, group_id: int) -> None:
        """Put a series into another group."""
        moved, leaves = self.series[series_id], self._leaves[group_id]
        self._leaves[moved.group].discard(series_id)
        leaves.add(series_id)
        self.series[series_id] = Series(moved.id, moved.name, group_id, moved.aired)

    def children(self, group_id: int) -> list[Group]:
        """The groups right below a group, by name."""
        return sorted((self.groups[child] for child in self._branches[group_id]), key=lambda one: (one.name, one.id))

    def series_in(self, group_id: int, *, recursive: bool) -> list[Series]:
        """The series of a group, or of all groups below it too; the earliest aired first."""
        groups = self._below(group_id) if recursive else (group_id,)
        inside = (self.series[series_id] for group in groups for series_id in self._leaves[group])
        return sorted(inside, key=lambda one: (one.aired, one.id))

    def main_series(self, group_id: int) -> Series | None:
        """The series that aired first in a group or below it; None in an empty one."""
        return next(iter(self.series_in(group_id, recursive=True)), None)

    def top(self, group_id: int) -> Group:
        """The group at the top of the branch that a group is on."""
        group = self.groups[group_id]
        return group if group.parent is None else self.top(group.parent)

    def _below(self, group_id: int) -> Iterator[int]:
        yield group_id
        for child in self._branches[group_id]:
            yield from self._below(child)


def series_of(file: int, *, series: int, files: int) -> int:
    """Which series file number `file` (from 1) of a stock belongs to: as many files in a row to each series."""
    return (file - 1) * series // files + 1


def stock(collection: Collection, *, series: int, files: int, nested: bool = False) -> None:
    """Fill an empty collection with series 1 to `series` and files 1 to `files`, each of the episode of its number.

    Series n is in group 1000 + n; nested, that group is in group 500 + n // 10. ValueError: too many to be nested.
    """
    if nested and series > MOST_NESTED:
        raise ValueError(f"{series} nested series: their parent groups take numbers up to {MOST_NESTED} series only")
    for number in range(1, series + 1):
        parent = PARENT_GROUPS + number // 10 if nested else None
        if parent is not None and parent not in collection.groups:
            collection.add_group(parent)
        collection.add_group(LEAF_GROUPS + number, name=item_title(0, number), parent=parent)
        collection.add_series(number, group=LEAF_GROUPS + number)
    for number in range(1, files + 1):
        collection.add_file(number, series=series_of(number, series=series, files=files))


def follow(collection: Collection, items: Iterable[Mapping[str, str]]) -> None:
    """Add the files that Jellyfin's items name by their provider ids, unless they are there; their series must be.

    For second files of an episode, say, which no stock has. KeyError: an item has no Shoko ids, or no series here.
    """
    for ids in items:
        file = int(ids["Shoko File"])
        if file not in collection.files:
            collection.add_file(file, series=int(ids["Shoko Series"]), episodes=(int(ids["Shoko Episode"]),))
