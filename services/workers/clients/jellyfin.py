"""Jellyfin over HTTP: libraries, users, and who sees what."""

from __future__ import annotations

from collections.abc import Collection

from shared.directory.observation import Observation, SeenLibrary
from shared.outside.errors import Malformed, Refused

from . import jellyfin_reading as reading
from .jellyfin_reading import Folder, Page, User
from .jellyfin_requests import JellyfinRequests
from .steps import Step


class JellyfinClient:
    """Observes one server."""

    def __init__(self, requests: JellyfinRequests) -> None:
        self._requests = requests

    async def observe(self, known_accounts: Collection[str], step: Step) -> Observation:
        """All that there is to see. `step` is told what is being done. OutsideError: nothing was seen.

        `known_accounts` (outside ids) that are not listed are asked for one by one: the list of users has no count.
        """
        who, check = self._requests.who, self._requests.check
        step(0.05, "reading libraries")
        libraries = await self._libraries(step)
        step(0.8, "reading users")
        users = reading.read(who, await self._requests.get("/Users"), list[User])
        reading.check_users(who, users)
        step(0.9, "looking for users who are not listed")
        await self._confirm_gone(set(known_accounts) - {reading.plain_id(user.id) for user in users})
        keys = [library.outside_id for library in libraries]
        access = {reading.plain_id(user.id): reading.access(user, keys) for user in users}
        return Observation(
            identifier=check.identifier,
            real_name=check.name,
            version=check.version,
            libraries=tuple(libraries),
            accounts=tuple(reading.account(user) for user in users),
            access={account: seen for account, seen in access.items() if seen},
        )

    async def _libraries(self, step: Step) -> list[SeenLibrary]:
        folders = await self._requests.folders()
        libraries = []
        for index, folder in enumerate(folders):
            step(0.1 + 0.7 * index / len(folders), f"counting {folder.name}")
            libraries.append(reading.library(folder, await self._count(folder)))
        return libraries

    async def _count(self, folder: Folder) -> int:
        query = {
            "parentId": folder.item_id or "",
            "recursive": "true",
            "limit": "0",
            "includeItemTypes": reading.ITEMS[reading.kind_of(folder)],
        }
        answer = await self._requests.get("/Items", query)
        return reading.read(self._requests.who, answer, Page).total_record_count

    async def _confirm_gone(self, missing: Collection[str]) -> None:
        who = self._requests.who
        for account in sorted(missing):
            try:
                user = reading.read(who, await self._requests.get(f"/Users/{account}"), User)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
            else:
                raise Malformed(f"{who} left {user.name} out of its list of users")
