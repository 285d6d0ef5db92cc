"""The work of the jobs that export, import and sync what people have watched."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.specs import Parameter
from shared.directory.effects import LedgerRow

from ...door import RunContext
from ...tools import Tools
from ..places import Place
from ..work import Planned, Step
from . import carrying, planning, sides
from .terms import Direction

MOST_CHANGES = 50_000
"""That one run makes on a server: more would take longer than a night, and all of a plan is kept in memory."""
ADULT = Parameter(name="restricted", title="Also what is rated XXX", kind="boolean", default=False)


class UserData:
    """Brings what is watched from Jellyfin to Shoko, from Shoko to Jellyfin, or to whichever is older."""

    needs_library = False
    kinds: Mapping[str, str] = sides.KINDS

    def __init__(self, tools: Tools, direction: Direction, *, most: int = MOST_CHANGES) -> None:
        self._tools = tools
        self._direction = direction
        self._most = most

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """What differs, and is to be written."""
        restricted = bool(run.params.get(ADULT.name))
        return await planning.plan(self._tools, self._direction, run, place, restricted=restricted, most=self._most)

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """Write one side, or both."""
        return await carrying.carry(self._tools, place, row)

    def inverse(self, row: LedgerRow) -> Step | None:
        """Each side as it was before."""
        return sides.taken_back(row)
