"""Jellyfin's box sets: listed, made, filled, renamed and removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from shared.outside.errors import Malformed, Refused
from shared.outside.http import NOTHING

from . import jellyfin_reading as reading
from .jellyfin_items import Item
from .jellyfin_media import JellyfinMedia, portions
from .jellyfin_reading import User

_PROVIDER_IDS, _NAME = "ProviderIds", "Name"
FOLDER_END = " [boxset]"
"""What Jellyfin puts behind the name of a set to name its folder (CollectionManager)."""


class _Made(Struct, rename="pascal"):
    id: str


class JellyfinBoxSets:
    """The box sets of one server. All methods raise OutsideError."""

    def __init__(self, media: JellyfinMedia) -> None:
        self._media = media
        self._requests = media.requests
        self._eyes = ""

    async def all(self) -> list[Item]:
        """All of them, whoever has made them."""
        return await self._media.listed({"includeItemTypes": "BoxSet", "recursive": "true"})

    async def members(self, box_set: str) -> list[Item]:
        """What is in one, further sets included."""
        # Asked in nobody's name, Jellyfin tells what is linked with a set only when it goes down, and goes no further.
        return await self._media.listed({"parentId": box_set, "recursive": "true"})

    async def make(self, folder: str) -> str:
        """A new, empty set; its id. One whose folder has this name gives way to it: make sure that there is none."""

        async def there() -> str:
            return next((item.id for item in await self.all() if folder_of(item) == folder), "")

        async def landed() -> bool:
            return bool(await there())

        answer = await self._requests.post("/Collections", NOTHING, landed, query={"name": folder})
        if answer is not None:
            return reading.plain_id(reading.read(self._requests.who, answer, _Made).id)
        if found := await there():
            return found
        raise Malformed(f"{self._requests.who} does not say which collection it made")

    async def add(self, box_set: str, ids: Collection[str]) -> None:
        """Put items in."""
        for some in portions(sorted(ids)):

            async def landed(some: Collection[str] = some) -> bool:
                return set(some) <= {item.id for item in await self.members(box_set)}

            await self._requests.post(self._items(box_set), NOTHING, landed, query={"ids": ",".join(some)})

    async def take(self, box_set: str, ids: Collection[str]) -> None:
        """Take items out; they stay in their libraries."""
        for some in portions(sorted(ids)):

            async def landed(some: Collection[str] = some) -> bool:
                return not set(some) & {item.id for item in await self.members(box_set)}

            await self._requests.delete(self._items(box_set), landed, query={"ids": ",".join(some)})

    async def label(self, box_set: str, name: str, provider_id: tuple[str, str]) -> None:
        """Give a set its name and one provider id; all else of it stays as it is."""
        whole = await self._whole(box_set)
        key, value = provider_id
        wanted = whole | {_NAME: name, _PROVIDER_IDS: (whole.get(_PROVIDER_IDS) or {}) | {key: value}}

        async def landed() -> bool:
            return bool((await self._whole(box_set)).get(_PROVIDER_IDS) == wanted[_PROVIDER_IDS])

        # What a posted item leaves out is emptied, provider ids included: it goes back whole.
        await self._requests.post(f"/Items/{box_set}", wanted, landed)

    async def remove(self, box_set: str) -> None:
        """Delete a set, not what is in it; nothing happens if it is gone."""

        async def landed() -> bool:
            return not await self._media.of_ids([box_set])

        try:
            await self._requests.delete(f"/Items/{box_set}", landed)
        except Refused as refusal:
            if refusal.status != 404:
                raise

    async def _whole(self, box_set: str) -> dict[str, Any]:
        # With an API key alone, Jellyfin gives no single item: somebody has to look, and sees a set by what is in it.
        if not self._eyes:
            users = reading.read(self._requests.who, await self._requests.get("/Users"), list[User])
            reading.check_users(self._requests.who, users)
            administrators = [user for user in users if user.policy.is_administrator]
            self._eyes = max(administrators, key=lambda user: user.policy.enable_all_folders).id
        answer = await self._requests.get(f"/Items/{box_set}", {"userId": self._eyes})
        return reading.read(self._requests.who, answer, dict[str, Any])

    @staticmethod
    def _items(box_set: str) -> str:
        return f"/Collections/{box_set}/Items"


def folder_of(item: Item) -> str:
    """The name that a set was made by."""
    return item.path.rpartition("/")[2].removesuffix(FOLDER_END)
