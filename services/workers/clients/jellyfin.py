"""Jellyfin over HTTP: libraries, users, and who sees what."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import aiohttp

from shared.directory.observation import Observation, SeenLibrary
from shared.outside.check import Check
from shared.outside.errors import Malformed, Refused
from shared.outside.http import fetch
from shared.outside.identities import headers
from shared.runtime.secrets import Secret

from . import jellyfin_reading as reading
from .jellyfin_reading import Folder, Page, User
from .outside import Gate
from .steps import Step


class JellyfinClient:
    """One server, reached and identified by `check`."""

    def __init__(self, session: aiohttp.ClientSession, check: Check, token: Secret, *, gate: Gate) -> None:
        self._session = session
        self._check = check
        self._headers = headers("jellyfin", token)
        self._gate = gate

    async def observe(self, known_accounts: Collection[str], step: Step) -> Observation:
        """All that there is to see. `step` is told what is being done. OutsideError: nothing was seen.

        `known_accounts` (outside ids) that are not listed are asked for one by one: the list of users has no count.
        """
        step(0.05, "reading libraries")
        libraries = await self._libraries(step)
        step(0.8, "reading users")
        users = reading.read(self._gate.who, await self._get("/Users"), list[User])
        reading.check_users(self._gate.who, users)
        step(0.9, "looking for users who are not listed")
        await self._confirm_gone(set(known_accounts) - {reading.plain_id(user.id) for user in users})
        keys = [library.outside_id for library in libraries]
        access = {reading.plain_id(user.id): reading.access(user, keys) for user in users}
        return Observation(
            identifier=self._check.identifier,
            real_name=self._check.name,
            version=self._check.version,
            libraries=tuple(libraries),
            accounts=tuple(reading.account(user) for user in users),
            access={account: seen for account, seen in access.items() if seen},
        )

    async def _libraries(self, step: Step) -> list[SeenLibrary]:
        who = self._gate.who
        folders = reading.read(who, await self._get("/Library/VirtualFolders"), list[Folder])
        reading.check_folders(who, folders, reading.read(who, await self._get("/Library/MediaFolders"), Page))
        libraries = []
        for index, folder in enumerate(folders):
            if folder.item_id:
                step(0.1 + 0.7 * index / len(folders), f"counting {folder.name}")
                libraries.append(reading.library(folder, await self._count(folder.item_id, folder)))
        return libraries

    async def _count(self, item_id: str, folder: Folder) -> int:
        query = {
            "parentId": item_id,
            "recursive": "true",
            "limit": "0",
            "includeItemTypes": reading.ITEMS[reading.kind_of(folder)],
        }
        answer = await self._get("/Items", query)
        return reading.read(self._gate.who, answer, Page).total_record_count

    async def _confirm_gone(self, missing: Collection[str]) -> None:
        for account in sorted(missing):
            try:
                user = reading.read(self._gate.who, await self._get(f"/Users/{account}"), User)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
            else:
                raise Malformed(f"{self._gate.who} left {user.name} out of its list of users")

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        return await self._gate.read(
            partial(
                fetch,
                self._session,
                self._gate.who,
                self._check.url + path,
                headers=self._headers,
                params=query,
                timeout_s=self._gate.manners.patience,
            )
        )
