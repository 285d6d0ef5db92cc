"""Jellyfin's items: listing, counting, reading, rewriting, deleting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators import jellyfin_format, jellyfin_reading
from tests.simulators.base import Call, Route
from tests.simulators.household import Library
from tests.simulators.jellyfin_format import problem, reply
from tests.simulators.jellyfin_item import MediaItem, UserData
from tests.simulators.jellyfin_item_format import EDITABLE, item_dto, user_data_dto
from tests.simulators.jellyfin_media import Selection
from tests.simulators.jellyfin_state import ITEM_TYPES, User

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer

Entry = MediaItem | tuple[Library, str, int]
"""A real item; or of a library whose items are only counted: of which kind, and its number (from 0)."""
TYPES = frozenset(ITEM_TYPES.values()) | {"BoxSet"}


@dataclass(frozen=True)
class Shelf:
    """Entries that need not all be made to be counted; `cut` makes some."""

    length: int
    cut: Callable[[slice], Sequence[Entry]]


class Items:
    """The pages below /Items. A library without real items has as many as its counts say."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._state = server.state

    def routes(self) -> Iterable[Route]:
        """Those below /Users/{user} are of old: no longer documented, still answered."""
        return [
            ("GET", "/Items/Counts", self._counts),
            ("GET", "/Items", self._list),
            ("GET", "/Users/{user}/Items", self._list),
            ("GET", "/Items/{item}", self._one),
            ("POST", "/Items/{item}", self._rewrite),
            ("DELETE", "/Items/{item}", self._delete),
        ]

    async def _counts(self, call: Call) -> web.StreamResponse:
        libraries = self._server.open_to(self._server.subject(call))
        held = [self._state.holdings(library) for library in libraries]
        return reply(jellyfin_format.item_counts(held, box_sets=self._state.media.holdings("").get("BoxSet", 0)))

    async def _list(self, call: Call) -> web.StreamResponse:
        user = self._server.subject(call)
        libraries = self._server.open_to(user)
        parent = (call.query("parentId") or "").replace("-", "").lower()
        recursive = call.flag("recursive") is True
        # A parent that does not exist stands for the root, so the answer is everything (ItemsController.GetItems).
        if parent not in self._state.libraries and parent not in self._state.media:
            parent = ""
        if not parent and not recursive and not call.words("ids"):
            return self._server.library_page(call, libraries)
        wanted = Selection(
            libraries=self._server.sight(user),
            parent=parent,
            recursive=recursive,
            types=_types(call),
            ids=frozenset(jellyfin_reading.ids(call)),
            collapsed=user is not None,
        )
        found = self._state.media.select(wanted)
        if user is None and (box_set := self._box_set(parent)) is not None:
            # What a set holds is linked with it: without a user, only going down finds it (Folder.GetItemsInternal).
            inside = [self._state.media[member] for member in box_set.members] if recursive else []
            found = [item for item in inside if not wanted.types or item.type in wanted.types]
        counted = () if wanted.ids else self._counted(libraries, wanted)
        return self._page(call, user, [*counted, Shelf(len(found), found.__getitem__)])

    def _box_set(self, item_id: str) -> MediaItem | None:
        found = self._state.media.get(item_id)
        return found if found is not None and found.type == "BoxSet" else None

    def _counted(self, libraries: list[Library], wanted: Selection) -> Iterator[Shelf]:
        for library in libraries:
            if wanted.parent in ("", library.item_id) and not self._state.media.holds(library.item_id):
                for kind in library.items if wanted.recursive else (library.kind,):
                    if not wanted.types or ITEM_TYPES[kind] in wanted.types:
                        yield _counted(library, kind)

    def _page(self, call: Call, user: User | None, shelves: list[Shelf]) -> web.StreamResponse:
        start, limit = jellyfin_reading.number(call, "startIndex") or 0, jellyfin_reading.number(call, "limit")
        total = sum(shelf.length for shelf in shelves)
        fields, with_data = call.words("fields"), user is not None and call.flag("enableUserData") is not False
        given, _ = call.listed(_cut(shelves, start, total if limit is None else start + limit))
        items = [self._entry(entry, fields, user if with_data else None) for entry in given]
        claimed = total if call.shortened.kept and call.flag("enableTotalRecordCount") is not False else 0
        return reply({"Items": items, "TotalRecordCount": claimed, "StartIndex": start})

    def _entry(self, entry: Entry, fields: set[str] | None, user: User | None) -> dict[str, object]:
        if isinstance(entry, tuple):
            counted = jellyfin_format.item(*entry, self._state.server.identifier)
            return counted | ({"UserData": user_data_dto(str(counted["Id"]), UserData())} if user else {})
        data = self._state.media.seen(user.id, entry.id) if user else None
        return item_dto(entry, self._state.media, self._state.server.identifier, fields, data)

    async def _one(self, call: Call) -> web.StreamResponse:
        user = jellyfin_reading.reader(self._server, call)
        return reply(self._entry(jellyfin_reading.item(self._server, call, user), None, user))

    async def _rewrite(self, call: Call) -> web.StreamResponse:
        """The whole item is replaced: what the body leaves out is emptied (ItemUpdateController.UpdateItem)."""
        visitor = self._server.administrator(call)
        item = jellyfin_reading.item(self._server, call, visitor.user)
        body = await jellyfin_reading.posted(call)
        provider_ids = body.get("providerids")
        if not isinstance(provider_ids, dict):
            raise jellyfin_format.failed(400)
        item.provider_ids = {name: str(value) for name, value in provider_ids.items() if value}
        item.name = _text(body, "Name")
        item.custom_rating = _text(body, "CustomRating")
        premiered = body.get("premieredate")
        item.premiered = None if premiered is None else jellyfin_reading.moment(premiered, "PremiereDate")
        item.details = {name: value for name in EDITABLE if (value := body.get(name.lower())) is not None}
        self._server.journal.note("item.rewritten", item.id)
        return web.Response(status=204)

    async def _delete(self, call: Call) -> web.StreamResponse:
        visitor = self._server.visitor(call)
        item = jellyfin_reading.item(self._server, call, visitor.user)
        permission = "EnableCollectionManagement" if item.type == "BoxSet" else "EnableContentDeletion"
        if visitor.user is not None and visitor.user.policy[permission] is not True:
            raise problem(401, "Unauthorized")
        self._state.media.remove(item.id)
        self._server.journal.note("item.deleted", item.id, item.name or "")
        return web.Response(status=204)


def _types(call: Call) -> frozenset[str]:
    asked = call.words("includeItemTypes")
    return frozenset(name for name in TYPES if name.lower() in asked)


def _counted(library: Library, kind: str) -> Shelf:
    numbers = range(library.items[kind])
    return Shelf(len(numbers), lambda part: [(library, kind, number) for number in numbers[part]])


def _cut(shelves: list[Shelf], start: int, stop: int) -> list[Entry]:
    given: list[Entry] = []
    for shelf in shelves:
        given += shelf.cut(slice(max(start, 0), max(stop, 0)))
        start, stop = start - shelf.length, stop - shelf.length
    return given


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name.lower())
    if value is not None and not isinstance(value, str):
        raise jellyfin_reading.not_valid(name, value)
    return value
