"""All items of a Jellyfin server: films, shows, box sets, and what each user has seen of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from tests.simulators.household import Library
from tests.simulators.jellyfin_item import ItemType, MediaItem, Traits, UserData, id_of

KEPT_LISTINGS = 16


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which items to list; `libraries` are those that may be seen (None: all), `parent` and `types` may be empty."""

    libraries: frozenset[str] | None = None
    parent: str = ""
    recursive: bool = True
    types: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    collapsed: bool = False
    """Whether the versions of a video are one entry."""


class Media:
    """All items; `libraries` by id say where files lie. Change what hangs together by the methods only."""

    def __init__(self, libraries: Mapping[str, Library], now: Callable[[], datetime]) -> None:
        self._libraries = libraries
        self._now = now
        self._items: dict[str, MediaItem] = {}
        self._inside: defaultdict[str, dict[str, MediaItem]] = defaultdict(dict)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._data: dict[tuple[str, str], UserData] = {}
        self._listings: dict[Selection, list[MediaItem]] = {}

    def __iter__(self) -> Iterator[MediaItem]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def __getitem__(self, item_id: str) -> MediaItem:
        return self._items[item_id]

    def get(self, item_id: str) -> MediaItem | None:
        """The item of this id, or None."""
        return self._items.get(item_id)

    def add_movie(self, library_id: str, name: str, **traits: Unpack[Traits]) -> MediaItem:
        """Add a film. KeyError: no such library. ValueError: the file is an item already."""
        path = f"{self._libraries[library_id].location}/{name}/{name}.mkv"
        return self._add("Movie", name, traits, library_id=library_id, path=path, parent=library_id)

    def add_series(self, library_id: str, name: str, **traits: Unpack[Traits]) -> MediaItem:
        """Add a show. KeyError: no such library. ValueError: the folder is an item already."""
        path = f"{self._libraries[library_id].location}/{name}"
        return self._add("Series", name, traits, library_id=library_id, path=path, parent=library_id)

    def add_episode(
        self, series: MediaItem, number: int, *, season: int = 1, name: str = "", **traits: Unpack[Traits]
    ) -> MediaItem:
        """Add an episode, and its season if need be. ValueError: the file is an item already."""
        folder = self._season(series, season)
        title = name or f"Episode {number}"
        path = f"{folder.path}/{series.name} S{season:02}E{number:02} {title}.mkv"
        item = self._add("Episode", title, traits, library_id=series.library_id, path=path, parent=folder.id)
        item.series_id, item.series_name, item.season_id = series.id, series.name or "", folder.id
        item.index, item.season_index = number, season
        return item

    def add_box_set(self, name: str, members: Iterable[MediaItem] = (), **traits: Unpack[Traits]) -> MediaItem:
        """Add a box set; one of the same name gives way to it, as its folder has the same path."""
        path = f"/config/data/collections/{name} [boxset]"
        if (old := id_of("BoxSet", path)) in self:
            self.remove(old)
        item = self._add("BoxSet", name, traits, library_id="", path=path, parent="")
        item.members = [member.id for member in members]
        return item

    def _season(self, series: MediaItem, number: int) -> MediaItem:
        path = f"{series.path}/Season {number:02}"
        found = self._items.get(id_of("Season", path))
        if found is None:
            found = self._add(
                "Season", f"Season {number}", {}, library_id=series.library_id, path=path, parent=series.id
            )
            found.series_id, found.series_name, found.index = series.id, series.name or "", number
        return found

    def _add(self, kind: ItemType, name: str, traits: Traits, *, library_id: str, path: str, parent: str) -> MediaItem:
        path = traits.get("path", path)
        virtual = traits.get("virtual", False)
        item = MediaItem(
            id=id_of(kind, path),
            type=kind,
            name=name,
            library_id=library_id,
            path="" if virtual else path,
            created=traits.get("created") or self._now(),
            parent_id=parent,
            provider_ids=traits.get("provider_ids") or {},
            custom_rating=traits.get("custom_rating"),
            virtual=virtual,
            premiered=traits.get("premiered"),
            width=traits.get("width", 1920),
        )
        if item.id in self._items:
            raise ValueError(f"{path} is an item already: give another path")
        self._items[item.id] = self._inside[parent][item.id] = item
        self._counts[library_id, kind] += 1
        self.changed()
        return item

    def remove(self, item_id: str) -> None:
        """Delete an item with all that is in it, and what users have seen of it. KeyError: there is none."""
        item = self._items.pop(item_id)
        for below in list(self._inside.get(item_id, ())):
            self.remove(below)
        self._inside.pop(item_id, None)
        self._inside[item.parent_id].pop(item_id)
        self._counts[item.library_id, item.type] -= 1
        for other in self:
            if other.primary_version_id == item_id:
                other.primary_version_id = ""
            for ids in (other.alternates, other.members):
                if item_id in ids:
                    ids.remove(item_id)
        self._data = {key: data for key, data in self._data.items() if key[1] != item_id}
        self.changed()

    def move(self, item_id: str, path: str) -> MediaItem:
        """Let a scan find a video's file elsewhere: a new item with a new id, of which nobody has seen anything.

        KeyError: no such item. ValueError: another item has that path.
        """
        old = self._items[item_id]
        traits: Traits = {"path": path, "provider_ids": dict(old.provider_ids), "width": old.width}
        item = self._add(old.type, old.name or "", traits, library_id=old.library_id, path=path, parent=old.parent_id)
        item.series_id, item.series_name, item.season_id = old.series_id, old.series_name, old.season_id
        item.index, item.season_index, item.custom_rating = old.index, old.season_index, old.custom_rating
        self.remove(item_id)
        return item

    def changed(self) -> None:
        """Forget what was listed: items have come, gone, or changed places."""
        self._listings.clear()

    def user_data(self, user_id: str, item_id: str) -> UserData:
        """What a user has seen of an item, to read and to change."""
        return self._data.setdefault((user_id, item_id), UserData())

    def seen(self, user_id: str, item_id: str) -> UserData:
        """The same to read only: nothing is remembered of items that nobody has touched."""
        return self._data.get((user_id, item_id)) or UserData()

    def holds(self, library_id: str) -> bool:
        """Whether a library has real items."""
        return bool(self.holdings(library_id))

    def holdings(self, library_id: str) -> dict[str, int]:
        """How many items of each type a library holds."""
        return {kind: count for (library, kind), count in self._counts.items() if library == library_id and count}

    def visible(self, item: MediaItem, libraries: frozenset[str] | None) -> bool:
        """Whether somebody sees an item who is let into these libraries (None: all).

        A box set is seen by those who see one of its members, or when it is empty (BoxSet.IsVisible).
        """
        if libraries is None or item.library_id in libraries:
            return True
        if item.type != "BoxSet":
            return False
        return not item.members or any(self.visible(self._items[member], libraries) for member in item.members)

    def select(self, wanted: Selection) -> list[MediaItem]:
        """The items that are wanted, always in the same order; a listing is kept, for its next page."""
        if wanted.ids:
            return list(self._found(wanted))
        found = self._listings.get(wanted)
        if found is None:
            if len(self._listings) >= KEPT_LISTINGS:
                self._listings.clear()
            found = self._listings[wanted] = list(self._found(wanted))
        return found

    def _found(self, wanted: Selection) -> Iterator[MediaItem]:
        matching = (item for item in self._candidates(wanted) if not wanted.types or item.type in wanted.types)
        seen = (item for item in matching if self.visible(item, wanted.libraries))
        return self._collapsed(list(seen)) if wanted.collapsed else seen

    def _collapsed(self, items: list[MediaItem]) -> Iterator[MediaItem]:
        """One entry a video: its primary version, or the first of the others if that is not among these."""
        inside = {item.id for item in items}
        shown: set[str] = set()
        for item in items:
            video = item.primary_version_id or item.id
            if video not in shown:
                shown.add(video)
                yield self._items[video] if video in inside else item

    def _candidates(self, wanted: Selection) -> Iterable[MediaItem]:
        if wanted.ids:
            return [self._items[item_id] for item_id in sorted(wanted.ids) if item_id in self]
        if not wanted.parent:
            return self._items.values()
        if wanted.parent in self._libraries and wanted.recursive:
            return [item for item in self if item.library_id == wanted.parent]
        return self._all_inside(wanted.parent) if wanted.recursive else self._just_inside(wanted.parent)

    def _just_inside(self, folder_id: str) -> list[MediaItem]:
        folder = self._items.get(folder_id)
        members = [self._items[member] for member in folder.members] if folder else []
        return members or list(self._inside.get(folder_id, {}).values())

    def _all_inside(self, folder_id: str) -> Iterable[MediaItem]:
        found: dict[str, MediaItem] = {}
        waiting = [folder_id]
        while waiting:
            for item in self._just_inside(waiting.pop(0)):
                if item.id not in found:
                    found[item.id] = item
                    waiting.append(item.id)
        return found.values()
