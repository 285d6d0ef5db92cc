"""The jobs that keep what people have watched alike on Jellyfin and Shoko."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from ...door import Handler, Job, Result, RunContext, skipped
from ...tools import Tools
from .. import specs
from ..delegation import BY_PLUGIN, OrPlugin
from ..handler import ONLY, OnEachServer
from .keeping import ADULT, UserData
from .migrating import Migration
from .terms import Direction
from .viewers import HOW_TO_MAP

NOBODY = f"nobody is mapped to a Shoko user: {HOW_TO_MAP}"
NO_SHOKO = "no Shoko Server is set up: add the one behind Shokofin on the page Servers (docs/shoko.md)"

_PLUGINS: Mapping[Direction, str] = {
    "export": "ShokoExportUserData",
    "import": "ShokoImportUserData",
    "sync": "ShokoSyncUserData",
}


class Mapped:
    """Runs `handler` if anybody is mapped to a Shoko user; without one there is nothing that it could do."""

    def __init__(self, tools: Tools, handler: Handler) -> None:
        self._tools = tools
        self._handler = handler

    async def __call__(self, run: RunContext) -> Result:
        """As the handler; skipped if nobody is mapped, unless the plugin is to do it. JobFailed."""
        needless = run.undoes is not None or run.params.get(BY_PLUGIN.name)
        if not needless and (lacking := await self._lacking()):
            return skipped(lacking)
        return await self._handler(run)

    async def _lacking(self) -> str:
        shokos = await self._tools.directory.servers("shoko")
        for shoko in shokos:
            if await self._tools.shoko_users.listed(shoko.id):
                return ""
        return NOBODY if shokos else NO_SHOKO


def user_data_jobs(tools: Tools) -> tuple[Job, ...]:
    """All of them, bound to what they work with."""
    kept = {"export": specs.EXPORT_USER_DATA, "import": specs.IMPORT_USER_DATA, "sync": specs.SYNC_USER_DATA}
    return (
        *(
            Job(
                spec=structs.replace(kept[direction], parameters=(*kept[direction].parameters, ADULT)),
                handler=Mapped(tools, OnEachServer(tools, OrPlugin(UserData(tools, direction), plugin))),
            )
            for direction, plugin in _PLUGINS.items()
        ),
        # Whether the plugin's task is the better one, its version says, and no parameter.
        Job(
            spec=structs.replace(specs.MIGRATE_USER_DATA, parameters=(ONLY,)),
            handler=OnEachServer(tools, Migration(tools)),
        ),
    )
