"""Jellyfin's items: listed page by page, and their versions merged and split."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence

from shared.outside.errors import Malformed
from shared.outside.http import NOTHING

from . import jellyfin_items as items
from . import jellyfin_reading as reading
from .jellyfin_items import Item, ItemPage
from .jellyfin_requests import JellyfinRequests
from .steps import Step

PAGE = 500
IDS_A_REQUEST = 100
"""They travel in the address of a request, and Jellyfin takes 8 KiB of that (Kestrel's MaxRequestLineSize)."""


class JellyfinMedia:
    """The items of one server. Everything is asked in nobody's name: for a user, versions are one item."""

    def __init__(self, requests: JellyfinRequests) -> None:
        self.requests = requests

    async def items(self, kinds: Collection[str], step: Step) -> AsyncIterator[list[Item]]:
        """All items of these types (Jellyfin's BaseItemKind), library by library, in pages. `step` is told of each.

        OutsideError: the list is broken off. Malformed: it does not add up, as when it changes while it is read.
        """
        folders = await self.requests.folders()
        for number, folder in enumerate(folders):
            library_id = reading.plain_id(folder.item_id or "")
            query = {"parentId": library_id, "recursive": "true", "includeItemTypes": ",".join(sorted(kinds))}
            async for page, share in self._pages(query, library_id):
                step((number + share) / len(folders), f"reading {folder.name}")
                yield page

    async def all_items(self, kinds: Collection[str], step: Step) -> list[Item]:
        """The same in one list, each item once. OutsideError."""
        found: dict[str, Item] = {}
        async for page in self.items(kinds, step):
            found.update((item.id, item) for item in page)
        return list(found.values())

    async def of_ids(self, ids: Collection[str]) -> dict[str, Item]:
        """The items of these ids that there are; what library they are in stays unsaid. OutsideError."""
        found: dict[str, Item] = {}
        for some in portions(sorted(ids)):
            async for page, _ in self._pages({"ids": ",".join(some)}):
                found.update((item.id, item) for item in page)
        return found

    async def listed(self, query: dict[str, str]) -> list[Item]:
        """All items that a query of /Items finds. OutsideError."""
        return [item async for page, _ in self._pages(query) for item in page]

    async def merge(self, ids: Sequence[str]) -> None:
        """Make two or more videos versions of one; Jellyfin chooses which is the primary. OutsideError."""

        async def landed() -> bool:
            found = await self.of_ids(ids)
            return all(found[number].source_ids >= set(ids) for number in ids if number in found)

        await self.requests.post("/Videos/MergeVersions", NOTHING, landed, query={"ids": ",".join(ids)})

    async def split(self, item_id: str) -> None:
        """Make all versions that are linked with a video videos of their own. OutsideError."""

        async def landed() -> bool:
            found = await self.of_ids([item_id])
            return item_id not in found or found[item_id].source_ids <= {item_id}

        await self.requests.delete(f"/Videos/{item_id}/AlternateSources", landed)

    async def _pages(self, query: dict[str, str], library_id: str = "") -> AsyncIterator[tuple[list[Item], float]]:
        """Each page with the share of the whole that is read with it."""
        who, seen, total = self.requests.who, set[str](), None
        while total is None or len(seen) < total:
            asked = query | {"fields": items.FIELDS, "startIndex": str(len(seen)), "limit": str(PAGE)}
            page = reading.read(who, await self.requests.get("/Items", asked), ItemPage)
            total = page.total_record_count
            found = [items.item(entry, library_id) for entry in page.items]
            known = len(seen)
            seen.update(item.id for item in found)
            if len(seen) != known + len(found) or (len(found) < PAGE and len(seen) != total):
                raise Malformed(f"{who} listed {len(seen)} items where it claims {total}: the list changed meanwhile")
            yield found, len(seen) / total if total else 1.0


def portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many ids at a time as one request may name."""
    return (ids[start : start + IDS_A_REQUEST] for start in range(0, len(ids), IDS_A_REQUEST))
