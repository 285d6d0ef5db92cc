"""The routes of a Shoko server's series and groups, alone, in pages, and as the tree they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aiohttp import web

from tests.simulators import shoko_models
from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import reply
from tests.simulators.shoko_collection import Group
from tests.simulators.shoko_format import refused
from tests.simulators.shoko_reading import flag, identifier, named, number
from tests.simulators.shoko_state import ShokoState, User

T = TypeVar("T")
MOST_A_PAGE = 100
USUAL_PAGE = 50


class Tree:
    """Series and groups. Those with a filter know filter 0 alone, which lets everything through."""

    def __init__(self, state: ShokoState, visitor: Callable[[Call], User]) -> None:
        self._state, self._collection, self._visitor = state, state.collection, visitor

    def routes(self) -> Iterable[Route]:
        """All of them only read."""
        return [
            ("GET", "/api/v3/Series", self._all_series),
            ("GET", "/api/v3/Series/{seriesid}", self._series),
            ("GET", "/api/v3/Series/{seriesid}/Group", self._group_of_series),
            ("GET", "/api/v3/Group", self._all_groups),
            ("GET", "/api/v3/Group/{groupid}", self._group),
            ("GET", "/api/v3/Group/{groupid}/Group", self._groups_in_group),
            ("GET", "/api/v3/Group/{groupid}/Series", self._series_in_group),
            ("GET", "/api/v3/Filter/{filterid}/Group/{groupid}/Group", self._groups_in_group),
            ("GET", "/api/v3/Filter/{filterid}/Group/{groupid}/Series", self._series_in_group),
        ]

    async def _all_series(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        everything = sorted(self._collection.series.values(), key=lambda one: (one.name.lower(), one.id))
        return _page(call, everything, lambda one: shoko_models.series(self._state, one, user))

    async def _series(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        series = named(call, self._state, "seriesID", self._collection.series)
        return reply(shoko_models.series(self._state, series, user))

    async def _group_of_series(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        series = named(call, self._state, "seriesID", self._collection.series)
        top = flag(call, "topLevel", default=False)
        group = self._collection.top(series.group) if top else self._collection.groups[series.group]
        return reply(shoko_models.group(self._state, group, user))

    async def _all_groups(self, call: Call) -> web.StreamResponse:
        user, empty = self._visitor(call), flag(call, "includeEmpty", default=False)
        top = flag(call, "topLevelOnly", default=True)
        groups = sorted(self._collection.groups.values(), key=lambda one: (one.name.lower(), one.id))
        shown = [one for one in groups if not (top and one.parent) and (empty or self._has_files(one))]
        return _page(call, shown, lambda one: shoko_models.group(self._state, one, user))

    async def _group(self, call: Call) -> web.StreamResponse:
        user = self._visitor(call)
        group = named(call, self._state, "groupID", self._collection.groups)
        return reply(shoko_models.group(self._state, group, user))

    async def _groups_in_group(self, call: Call) -> web.StreamResponse:
        user, group = self._visitor(call), self._filtered_group(call)
        empty = flag(call, "includeEmpty", default=self._state.major >= 6)
        inside = [one for one in self._collection.children(group.id) if empty or self._has_files(one)]
        listed, _ = call.listed(inside)
        return reply([shoko_models.group(self._state, one, user) for one in listed])

    async def _series_in_group(self, call: Call) -> web.StreamResponse:
        user, group = self._visitor(call), self._filtered_group(call)
        missing = flag(call, "includeMissing", default=self._state.major >= 6)
        inside = self._collection.series_in(group.id, recursive=flag(call, "recursive", default=False))
        listed, _ = call.listed([one for one in inside if missing or self._collection.local[one.id]])
        return reply([shoko_models.series(self._state, one, user) for one in listed])

    def _filtered_group(self, call: Call) -> Group:
        if "filterid" in call.params and identifier(call, "filterID", smallest=0):
            raise refused(call, "No Filter entry for the given filterID")
        return named(call, self._state, "groupID", self._collection.groups)

    def _has_files(self, group: Group) -> bool:
        inside = self._collection.series_in(group.id, recursive=True)
        return any(self._collection.local[one.id] for one in inside)


def _page(call: Call, everything: Sequence[T], write: Callable[[T], dict[str, object]]) -> web.StreamResponse:
    """One page, the first being 1; of size 0 it is everything."""
    size = number(call, "pageSize", USUAL_PAGE, smallest=0, largest=MOST_A_PAGE)
    start = (number(call, "page", 1, smallest=1) - 1) * size
    listed, claimed = call.listed(everything)
    shown = listed[start : start + size] if size else listed
    return reply({"Total": claimed, "List": [write(one) for one in shown]})
