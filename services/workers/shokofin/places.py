"""Where the twelve work: a Jellyfin server, the plugin on it, and the Shoko Server behind that."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from shared.directory.errors import NoShoko
from shared.directory.records import Server
from shared.outside.errors import OutsideError, Unreachable

from ..clients.jellyfin_media import JellyfinMedia
from ..clients.jellyfin_plugins import Plugin, shokofin
from ..clients.jellyfin_tasks import JellyfinTasks
from ..clients.shoko import ShokoClient
from ..tools import Tools


class Place(Struct, frozen=True, kw_only=True):
    """A Jellyfin server and what belongs to it. `plugin` is None where it is not installed.

    `shoko` is None where there is none, or several and nobody has said which. `shoko_client` is None as well where it
    can't be reached, which `shoko_error` tells: much of the work does without it.
    """

    server: Server
    shoko: Server | None
    media: JellyfinMedia
    tasks: JellyfinTasks
    shoko_client: ShokoClient | None
    plugin: Plugin | None
    shoko_error: OutsideError | None = None

    def needed_shoko(self) -> ShokoClient:
        """The way to the Shoko Server, for what can't do without it. NoShoko; OutsideError: it can't be reached."""
        if self.shoko_error is not None:
            raise self.shoko_error
        if self.shoko_client is None:
            raise self._no_shoko
        return self.shoko_client

    def needed_shoko_server(self) -> Server:
        """The Shoko Server behind it, as we know it. NoShoko."""
        if self.shoko is None:
            raise self._no_shoko
        return self.shoko

    @property
    def _no_shoko(self) -> NoShoko:
        return NoShoko(
            f"Nothing says which Shoko Server is behind {self.server.name}: add one, "
            "and if there are several choose it on the page of this server"
        )


async def open_place(tools: Tools, server: Server) -> Place:
    """The place of a Jellyfin server. OutsideError: it can't be reached; DirectoryError; VaultError."""
    requests = await tools.clients.jellyfin(server, await tools.directory.token(server.id))
    shoko = shoko_behind(server, await tools.directory.servers("shoko"))
    client, error = None, None
    if shoko is not None:
        try:
            client = await _opened(tools, shoko)
        except OutsideError as caught:
            error = caught
    return Place(
        server=server,
        shoko=shoko,
        media=JellyfinMedia(requests),
        tasks=JellyfinTasks(requests),
        shoko_client=client,
        plugin=await shokofin(requests),
        shoko_error=error,
    )


def shoko_behind(server: Server, shokos: Sequence[Server]) -> Server | None:
    """Which of the Shoko Servers is behind a Jellyfin server: the one it names, else the only one."""
    if server.shoko_id is not None:
        return next((shoko for shoko in shokos if shoko.id == server.shoko_id), None)
    return shokos[0] if len(shokos) == 1 else None


async def _opened(tools: Tools, shoko: Server) -> ShokoClient:
    if not shoko.enabled:
        raise Unreachable(f"{shoko.name} is switched off: switch it on to use it", transient=False)
    return await tools.clients.shoko(shoko, await tools.directory.token(shoko.id))
