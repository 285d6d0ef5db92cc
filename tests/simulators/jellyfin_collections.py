"""Jellyfin's box sets: making them, adding and taking away members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators import jellyfin_reading
from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import failed, problem, reply
from tests.simulators.jellyfin_item import MediaItem

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer


class Collections:
    """The pages below /Collections, for those who may manage them (CollectionController, CollectionManager)."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._media = server.state.media

    def routes(self) -> Iterable[Route]:
        """Members are named in the query."""
        return [
            ("POST", "/Collections", self._make),
            ("POST", "/Collections/{item}/Items", self._add),
            ("DELETE", "/Collections/{item}/Items", self._take_away),
        ]

    async def _make(self, call: Call) -> web.StreamResponse:
        self._manager(call)
        name = call.query("name")
        if not name:
            raise failed(400)
        made = self._media.add_box_set(name)
        self._server.journal.note("collection.made", made.id, name)
        # The set is there before its members are looked up: one that does not exist leaves it behind, empty.
        self._put(made, jellyfin_reading.ids(call))
        return reply({"Id": made.id})

    async def _add(self, call: Call) -> web.StreamResponse:
        self._manager(call)
        self._put(self._box_set(call), jellyfin_reading.ids(call))
        return web.Response(status=204)

    async def _take_away(self, call: Call) -> web.StreamResponse:
        """An id that is no member is passed over."""
        self._manager(call)
        box_set = self._box_set(call)
        gone = [item_id for item_id in jellyfin_reading.ids(call) if item_id in box_set.members]
        box_set.members = [item_id for item_id in box_set.members if item_id not in gone]
        self._media.changed()
        for item_id in gone:
            self._server.journal.note("collection.taken", box_set.id, item_id)
        return web.Response(status=204)

    def _put(self, box_set: MediaItem, ids: list[str]) -> None:
        if any(item_id not in self._media for item_id in ids):
            raise failed(400)
        for item_id in ids:
            if item_id not in box_set.members:
                box_set.members.append(item_id)
                self._server.journal.note("collection.added", box_set.id, item_id)
        self._media.changed()

    def _box_set(self, call: Call) -> MediaItem:
        text = call.params["item"]
        item_id = jellyfin_reading.guid(text)
        if item_id is None:
            raise jellyfin_reading.not_valid("collectionId", text)
        found = self._media.get(item_id)
        if found is None or found.type != "BoxSet":
            raise failed(400)
        return found

    def _manager(self, call: Call) -> None:
        visitor = self._server.visitor(call)
        allowed = visitor.user is not None and visitor.user.policy["EnableCollectionManagement"] is True
        if not visitor.is_administrator and not allowed:
            raise problem(403, "Forbidden")
