"""What Jellyfin's JSON says of items: films, episodes, shows, box sets. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .jellyfin_reading import plain_id

FIELDS = "ProviderIds,Path,CustomRating,MediaSources,MediaSourceCount"
"""What has to be asked for besides the usual, to know an item."""

SHOKO_FILE, SHOKO_EPISODE, SHOKO_SERIES, SHOKO_GROUP = "Shoko File", "Shoko Episode", "Shoko Series", "Shoko Group"
"""The plugin's names of Shoko's ids (Shokofin's ExternalIds)."""


class Item(Struct, frozen=True, kw_only=True):
    """An item; ids without dashes. `library_id` is "" for what is in no library.

    `source_ids`: all versions that this one is linked with, itself included. `span`: further episodes in one file.
    `title` tells it to a person: "Attack on Titan S01E02".
    """

    id: str
    name: str
    type: str
    path: str = ""
    library_id: str = ""
    provider_ids: Mapping[str, str] = {}
    custom_rating: str = ""
    is_virtual: bool = False
    source_ids: frozenset[str] = frozenset()
    span: int = 0
    title: str = ""

    @property
    def shoko_file(self) -> str:
        """Shoko's id of its file; "" for none."""
        return self.provider_ids.get(SHOKO_FILE, "")

    @property
    def shoko_episode(self) -> str:
        """Shoko's id of its (first) episode, films included; "" for none."""
        return self.provider_ids.get(SHOKO_EPISODE, "")

    @property
    def shoko_series(self) -> str:
        """Shoko's id of its series; "" for none."""
        return self.provider_ids.get(SHOKO_SERIES, "")

    @property
    def shoko_group(self) -> str:
        """Shoko's id of the group of a show; "" for none."""
        return self.provider_ids.get(SHOKO_GROUP, "")


class _Source(Struct, rename="pascal"):
    id: str | None = None


class _Entry(Struct, rename="pascal"):
    id: str
    type: str
    name: str | None = None
    path: str | None = None
    provider_ids: dict[str, str | None] | None = None
    custom_rating: str | None = None
    location_type: str | None = None
    media_sources: list[_Source] | None = None
    index_number: int | None = None
    index_number_end: int | None = None
    parent_index_number: int | None = None
    series_name: str | None = None


class ItemPage(Struct, rename="pascal"):
    """A page of a listing, and how many entries the whole has."""

    items: list[_Entry]
    total_record_count: int


def item(entry: _Entry, library_id: str = "") -> Item:
    """An entry of a page as an item."""
    number = plain_id(entry.id)
    sources = {plain_id(source.id) for source in entry.media_sources or () if source.id}
    return Item(
        id=number,
        name=entry.name or "",
        type=entry.type,
        path=entry.path or "",
        library_id=library_id,
        provider_ids={name: value for name, value in (entry.provider_ids or {}).items() if value},
        custom_rating=entry.custom_rating or "",
        is_virtual=entry.location_type == "Virtual",
        source_ids=frozenset(sources | {number}),
        span=_span(entry),
        title=_title(entry),
    )


def _span(entry: _Entry) -> int:
    if entry.index_number is None or entry.index_number_end is None:
        return 0
    return max(0, entry.index_number_end - entry.index_number)


def _title(entry: _Entry) -> str:
    if not entry.series_name or entry.index_number is None:
        return entry.name or entry.path or entry.id
    season = "" if entry.parent_index_number is None else f"S{entry.parent_index_number:02}"
    return f"{entry.series_name} {season}E{entry.index_number:02}"
