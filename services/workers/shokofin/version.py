"""Which version the Shoko Server runs: asked by ourselves for our own record, and by the plugin for its own."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from shared.directory.effects import LedgerRow
from shared.directory.records import Sighting

from ..door import RunContext
from ..tools import Tools
from .delegation import Delegated
from .places import Place
from .work import NotNow, Planned, Step

NOTE = "note"


class CheckVersion:
    """Notes the version of the Shoko Server behind each Jellyfin server, and has Shokofin do so."""

    needs_library = False

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._plugin = Delegated("ShokoVersionCheck", needs_library=False)
        self.kinds: Mapping[str, str] = {NOTE: "version noted", **self._plugin.kinds}

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """See `Work`. Where nobody knows which Shoko Server it is, the plugin is asked alone."""
        planned = await self._plugin.plan(run, place)
        if place.shoko is None:
            alone = f"Nothing says which Shoko Server is behind {place.server.name}, so that only Shokofin asks for it"
            return structs.replace(planned, warnings=[*planned.warnings, alone])
        version = await place.needed_shoko().version()
        if version == place.shoko.version:
            return planned
        note = Step(
            kind=NOTE, target=place.shoko.name, why="it says so", before=place.shoko.version or None, after=version
        )
        return structs.replace(planned, steps=[note, *planned.steps])

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """See `Work`."""
        if row.kind != NOTE:
            return await self._plugin.carry(run, place, row)
        if place.shoko is None:
            raise NotNow("the Shoko Server is no longer behind this server")
        await self._tools.directory.note_sighting(
            place.shoko.id, Sighting(state="up", version=row.after), self._tools.now()
        )
        return ""

    def inverse(self, row: LedgerRow) -> Step | None:
        """A version is as it is."""
        return None
