"""What users have seen of a Jellyfin server's items: reading and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators import jellyfin_reading
from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import reply
from tests.simulators.jellyfin_item import MediaItem, UserData
from tests.simulators.jellyfin_item_format import user_data_dto
from tests.simulators.jellyfin_state import User

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer

WRITTEN: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "PlaybackPositionTicks": ("position", int),
    "PlayCount": ("play_count", int),
    "Played": ("played", bool),
    "IsFavorite": ("favourite", bool),
    "Rating": ("rating", (int, float)),
}
"""What of a posted UpdateUserItemDataDto is taken as it is, and what type it has to be of."""


class Watching:
    """The pages below /UserItems and /UserPlayedItems."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._media = server.state.media

    def routes(self) -> Iterable[Route]:
        """Each takes the user from the query."""
        return [
            ("GET", "/UserItems/{item}/UserData", self._read),
            ("POST", "/UserItems/{item}/UserData", self._write),
            ("POST", "/UserPlayedItems/{item}", self._mark_played),
            ("DELETE", "/UserPlayedItems/{item}", self._mark_unplayed),
        ]

    def _named(self, call: Call) -> tuple[User, MediaItem]:
        user = jellyfin_reading.reader(self._server, call)
        return user, jellyfin_reading.item(self._server, call, user)

    async def _read(self, call: Call) -> web.StreamResponse:
        user, item = self._named(call)
        return reply(user_data_dto(item.id, self._media.seen(user.id, item.id)))

    async def _write(self, call: Call) -> web.StreamResponse:
        """Null says nothing, so a date cannot be taken away like this (UserDataManager.SaveUserData)."""
        user, item = self._named(call)
        wished = _wishes(await jellyfin_reading.posted(call))
        data = self._media.user_data(user.id, item.id)
        for name, value in wished.items():
            setattr(data, name, value)
        return self._changed("userdata.written", user, item, data)

    async def _mark_played(self, call: Call) -> web.StreamResponse:
        user, item = self._named(call)
        text = call.query("datePlayed")
        when = None if text is None else jellyfin_reading.moment(text, "datePlayed")
        data = self._media.user_data(user.id, item.id)
        data.mark_played(when, self._server.state.now())
        return self._changed("userdata.played", user, item, data)

    async def _mark_unplayed(self, call: Call) -> web.StreamResponse:
        user, item = self._named(call)
        data = self._media.user_data(user.id, item.id)
        data.mark_unplayed()
        return self._changed("userdata.unplayed", user, item, data)

    def _changed(self, what: str, user: User, item: MediaItem, data: UserData) -> web.StreamResponse:
        self._server.journal.note(what, item.id, user.id)
        return reply(user_data_dto(item.id, data))


def _wishes(body: Mapping[str, object]) -> dict[str, object]:
    wished: dict[str, object] = {}
    for name, (attribute, kind) in WRITTEN.items():
        value = body.get(name.lower())
        if value is None:
            continue
        # In Python a bool is an int too; in JSON it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise jellyfin_reading.not_valid(name, value)
        wished[attribute] = value
    if (likes := body.get("likes")) is not None:
        # Liking is kept as a rating (UserItemData.Likes).
        wished["rating"] = 10.0 if likes else 1.0
    if (date := body.get("lastplayeddate")) is not None:
        wished["last_played"] = jellyfin_reading.moment(date, "LastPlayedDate")
    return wished
