"""A file's user stats on a Shoko server: read, and written as each version takes them.

After Shoko.Server's FileController, File.FileUserStats.MergeWithExisting and UserDataService. What the server does not
know in a body it passes over in silence, and what a body leaves out is set to a default: a position under the name
that another version gives it is a position lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import reply
from tests.simulators.records import Journal
from tests.simulators.shoko_collection import File
from tests.simulators.shoko_format import position_name, refused, user_stats
from tests.simulators.shoko_reading import integer, json_body, moment_or_none, named, span_or_none, unreadable
from tests.simulators.shoko_state import NOWHERE, ShokoState, User, UserStats

NO_STATS = "No FileUserStats entry for the given fileID for the current user"
LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""What a date that was left out becomes before 6."""
AS_GOOD_AS_WATCHED = 0.975
"""From 6 on, a position beyond this share of the file is none: the file is watched."""


class Stats:
    """The routes of user stats; from 6 on under a second name too."""

    def __init__(
        self,
        state: ShokoState,
        journal: Journal,
        visitor: Callable[[Call], User],
    ) -> None:
        self._state, self._journal, self._visitor = state, journal, visitor

    def routes(self) -> Iterable[Route]:
        """GET and PUT."""
        for name in ("UserStats", "UserData") if self._state.major >= 6 else ("UserStats",):
            yield "GET", f"/api/v3/File/{{fileid}}/{name}", self._get
            yield "PUT", f"/api/v3/File/{{fileid}}/{name}", self._put

    async def _get(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        file = named(call, self._state, "fileID", self._state.collection.files)
        stats = self._state.stats.get((user.id, file.id))
        if stats is None:
            raise refused(call, NO_STATS)
        return reply(user_stats(self._state, stats))

    async def _put(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        members = await json_body(call)
        wish = _wish(self._state, members)
        file = named(call, self._state, "fileID", self._state.collection.files)
        before = self._state.stats.get((user.id, file.id))
        after = _as_taken(self._state, wish, members, before, file)
        self._state.stats[user.id, file.id] = after
        self._journal.note("stats.put", f"{user.name}/{file.id}", after.count)
        if user.syncs_anidb and after.last_watched_at != (before and before.last_watched_at):
            self._journal.note("anidb.queued", f"{user.name}/{file.id}")
        return reply(user_stats(self._state, after))


def _wish(state: ShokoState, members: Mapping[str, object]) -> UserStats:
    """What a body says. Refusal: 400, a member of it can't be read."""
    updated_at = moment_or_none(members, "LastUpdatedAt")
    if updated_at is None and "lastupdatedat" in members:
        raise unreadable("LastUpdatedAt", None, "DateTime")
    return UserStats(
        position=span_or_none(members, position_name(state)) or NOWHERE,
        count=integer(members, "WatchedCount", 0),
        last_watched_at=moment_or_none(members, "LastWatchedAt"),
        last_updated_at=updated_at or (state.now() if state.major >= 6 else LONG_AGO),
    )


def _as_taken(
    state: ShokoState, wish: UserStats, members: Mapping[str, object], before: UserStats | None, file: File
) -> UserStats:
    position, count, watched_at = wish.position, wish.count, wish.last_watched_at
    if state.major == 5 and before and members.get(position_name(state).lower()) is None:
        position = before.position  # 5 takes "none" for "leave it": only 00:00:00 clears
    if state.major >= 6:
        if position > file.duration * AS_GOOD_AS_WATCHED:
            position, watched_at = NOWHERE, watched_at or state.now()
        position = max(position, NOWHERE)
        count = (1 if watched_at else 0) if count < 0 else count
    return UserStats(position=position, count=count, last_watched_at=watched_at, last_updated_at=wish.last_updated_at)
