"""Jellyfin: what users have watched, read for all that they see or item by item, and written to the letter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from shared.outside.errors import Malformed, Refused

from ..shokofin.userdata.rules import alike
from ..shokofin.userdata.terms import History
from . import jellyfin_reading as reading
from .jellyfin_requests import JellyfinRequests

PAGE = 5_000
"""Items a page: little is told of each, and each page has Jellyfin sort them all."""
UNSEEN = History()


class _UserData(Struct, rename="pascal"):
    playback_position_ticks: int = 0
    play_count: int = 0
    played: bool = False
    last_played_date: datetime | None = None


class _Entry(Struct, rename="pascal"):
    id: str
    user_data: _UserData


class _Page(Struct, rename="pascal"):
    items: list[_Entry]
    total_record_count: int


class JellyfinUserData:
    """The user data of one server; `user_id` is Jellyfin's id of the user."""

    def __init__(self, requests: JellyfinRequests) -> None:
        self._requests = requests

    async def all(self, user_id: str) -> AsyncIterator[Mapping[str, History]]:
        """What a user has watched of every film and episode that they see, in pages, by item.

        For a user the versions of a video are one item, so that only one of them is told. OutsideError; Malformed: the
        list does not add up, as when it changes while it is read.
        """
        seen, total, fetched = set[str](), None, 0
        while total is None or fetched < total:
            page: _Page = await self._requests.get("/Items", _listing(user_id, fetched), _Page)
            total = page.total_record_count
            fetched += len(page.items)
            seen.update(entry.id for entry in page.items)
            if len(seen) != fetched or (len(page.items) < PAGE and fetched != total):
                who = self._requests.who
                raise Malformed(f"{who} listed {len(seen)} items where it claims {total}: the list changed meanwhile")
            yield {reading.plain_id(entry.id): _history(entry.user_data) for entry in page.items}

    async def read(self, user_id: str, item_id: str) -> History | None:
        """What a user has watched of an item; None: there is no such item, or they do not see it. OutsideError."""
        try:
            answer = await self._requests.get(f"/UserItems/{item_id}/UserData", {"userId": user_id})
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None
        return _history(reading.read(self._requests.who, answer, _UserData))

    async def write(self, user_id: str, item_id: str, history: History) -> None:
        """Make this what a user has watched of an item.

        Refused with status 404: there is no such item, or they do not see it. OutsideError.
        """
        query = {"userId": user_id}
        if history.last_played_at is None:
            # What is null is not taken for a wish, so that a date goes only with all the rest, which is then written.
            await self._requests.delete(
                f"/UserPlayedItems/{item_id}", self._landed(user_id, item_id, UNSEEN), query=query
            )
        if history != UNSEEN:
            # Marking as played (UserPlayedItems) would count up, and have the plugin tell Shoko.
            landed = self._landed(user_id, item_id, history)
            await self._requests.post(f"/UserItems/{item_id}/UserData", _body(history), landed, query=query)

    def _landed(self, user_id: str, item_id: str, wanted: History) -> Any:
        async def landed() -> bool:
            found = await self.read(user_id, item_id)
            return found is not None and alike(found, wanted)

        return landed


def _listing(user_id: str, start: int) -> dict[str, str]:
    return {
        "userId": user_id,
        "recursive": "true",
        "includeItemTypes": "Episode,Movie",
        "enableUserData": "true",
        "enableImages": "false",
        "collapseBoxSetItems": "false",
        "startIndex": str(start),
        "limit": str(PAGE),
    }


def _body(history: History) -> dict[str, Any]:
    return {
        "PlaybackPositionTicks": history.position_ticks,
        "PlayCount": history.count,
        "Played": history.played,
        "LastPlayedDate": history.last_played_at,
    }


def _history(data: _UserData) -> History:
    at = data.last_played_date
    return History(
        position_ticks=data.playback_position_ticks,
        count=data.play_count,
        played=data.played,
        last_played_at=None if at is None else at.replace(tzinfo=UTC) if at.tzinfo is None else at,
    )
