"""Requests to one Shoko Server: what its users have watched, and how its series belong together."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp

from shared.outside import shoko
from shared.outside.check import Check
from shared.outside.errors import Refused
from shared.outside.http import fetch, send
from shared.outside.identities import QUESTIONS, headers
from shared.outside.shoko import ShokoUser
from shared.runtime.secrets import Secret

from ..shokofin.userdata.terms import TICKS_A_MS, Stats, Viewing
from . import shoko_reading as reading
from .outside import Gate
from .shoko_reading import Group, Series

API = "/api/v3"
ROUNDING = timedelta(seconds=1)
FILES_A_PAGE = 1000
"""The most that Shoko lists at once (its FileController)."""


class ShokoClient:
    """One server, reached by `check`; `token` is an administrator's key. A key that is asked with is one user's.

    Reads go through `gate`, writes through `writing`, which may be slower: each may start jobs on the server.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        check: Check,
        token: Secret,
        *,
        gate: Gate,
        writing: Gate,
    ) -> None:
        self.check = check
        self._session = session
        self._token = token
        self._gate = gate
        self._writing = writing
        self._position = reading.position_field_of(check.version)

    @property
    def who(self) -> str:
        """The server's name, for messages."""
        return self._gate.who

    async def version(self) -> str:
        """Which version it runs now. OutsideError."""
        return reading.version(self.who, await self._get(QUESTIONS["shoko"].open_path, self._token))

    async def current_user(self, key: Secret) -> ShokoUser:
        """Whose key it is. Unauthorized: nobody's (any more). OutsideError."""
        return await self._gate.read(
            partial(shoko.current_user, self._session, self.who, self.check.url, key, timeout_s=self._patience)
        )

    async def log_in(self, username: str, password: Secret) -> Secret:
        """The key of a user. Unauthorized: there is none of this name and password. OutsideError."""
        return await self._gate.read(
            partial(shoko.log_in, self._session, self.who, self.check.url, username, password, timeout_s=self._patience)
        )

    async def stats(self, key: Secret, file_id: str) -> Stats | None:
        """What the user of the key has watched of a file; None: nothing is known, or there is no such file.

        Unauthorized; OutsideError.
        """
        try:
            answer = await self._get(f"{API}/File/{file_id}/UserStats", key)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None
        self._position = reading.position_field(answer) or self._position
        return reading.stats(self.who, answer)

    async def viewings(self, key: Secret, page: int = FILES_A_PAGE) -> AsyncGenerator[list[Viewing], None]:
        """What the user of the key has stats of, as far as Shoko's list of files tells it, in pages of that size.

        Those touched last come first. Who touches a file meanwhile may have another appear twice, or not at all.
        Unauthorized; OutsideError.
        """
        number, more = 0, True
        while more:
            number += 1
            # Shoko looks for the stats of listed files only if it is to sort by them (its ModelHelper.FilterFiles).
            query = {"sortOrder": "-ViewedAt", "pageSize": str(page), "page": str(number)}
            files = await self._get(f"{API}/File", key, query, reading.Files)
            found, more = reading.viewings(self.who, files, page)
            yield found

    async def put_stats(self, key: Secret, file_id: str, stats: Stats) -> None:
        """Make this what the user of the key has watched of a file.

        Unauthorized; Refused with status 404: there is no such file. OutsideError.
        """

        async def landed() -> bool:
            found = await self.stats(key, file_id)
            return found is not None and _alike(found, stats)

        ask = partial(
            send,
            self._session,
            self.who,
            f"{self.check.url}{API}/File/{file_id}/UserStats",
            reading.body(stats, self._position),
            method="PUT",
            headers=headers("shoko", key),
            timeout_s=self._patience,
        )
        await self._writing.write(ask, landed)

    async def series_group(self, series_id: int | str) -> Group:
        """The group that a series is in. Refused with status 404: there is no such series. OutsideError."""
        return reading.group(self.who, await self._get(f"{API}/Series/{series_id}/Group", self._token))

    async def group(self, group_id: int | str) -> Group:
        """A group. Refused with status 404: there is none of this id. OutsideError."""
        return reading.group(self.who, await self._get(f"{API}/Group/{group_id}", self._token))

    async def subgroups(self, group_id: int | str) -> list[Group]:
        """The groups in a group, empty ones too. OutsideError."""
        answer = await self._get(f"{API}/Group/{group_id}/Group", self._token, {"includeEmpty": "true"})
        return reading.groups(self.who, answer)

    async def group_series(self, group_id: int | str, recursive: bool = False) -> list[Series]:
        """The series in a group, with those of its groups if `recursive`, also those without a file. OutsideError."""
        query = {"recursive": str(recursive).lower(), "includeMissing": "true"}
        answer = await self._get(f"{API}/Filter/0/Group/{group_id}/Series", self._token, query)
        return reading.series(self.who, answer)

    @property
    def _patience(self) -> float:
        return self._gate.manners.patience

    async def _get(self, path: str, key: Secret, query: dict[str, str] | None = None, kind: Any = Any) -> Any:
        return await self._gate.read(
            partial(
                fetch,
                self._session,
                self.who,
                self.check.url + path,
                headers=headers("shoko", key),
                params=query,
                timeout_s=self._patience,
                kind=kind,
            )
        )


def _alike(found: Stats, wanted: Stats) -> bool:
    return (
        abs(found.position_ticks - wanted.position_ticks) < TICKS_A_MS
        and (found.count, found.played) == (wanted.count, wanted.played)
        and abs(found.last_updated_at - wanted.last_updated_at) < ROUNDING
    )
