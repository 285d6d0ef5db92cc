"""Looking at one media server: is a library scan in progress, and how many streams are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from shared.directory.records import Server
from shared.runtime.secrets import Secret

from ..clients import jellyfin_reading as reading
from ..clients.clients import Clients
from ..clients.jellyfin_requests import JellyfinRequests
from ..clients.jellyfin_tasks import JellyfinTasks, Scan

if TYPE_CHECKING:
    from plexapi.server import PlexServer

    from ..clients.plex_requests import PlexRequests

_HEARD_OF_WITHIN_S = 300
"""A player that was not heard of for longer is taken for one that was switched off in the middle."""


class Sight(Struct, frozen=True):
    """What was seen in one look."""

    scan: Scan | None
    streams: int


class Eye(Protocol):
    """Looks at one server. OutsideError."""

    async def look(self) -> Sight: ...


async def open_eye(clients: Clients, server: Server, token: Secret) -> Eye:
    """The eye for a server of its kind. OutsideError."""
    if server.kind == "jellyfin":
        return JellyfinEye(await clients.jellyfin(server, token))
    requests = await clients.plex(server, token)
    return PlexEye(requests, await requests.server())


class _Session(Struct, rename="pascal"):
    now_playing_item: dict[str, object] | None = None


class JellyfinEye:
    """See `Eye`."""

    def __init__(self, requests: JellyfinRequests) -> None:
        self._requests = requests
        self._tasks = JellyfinTasks(requests)

    async def look(self) -> Sight:
        """See `Eye`."""
        scan = await self._tasks.scan()
        answer = await self._requests.get("/Sessions", {"activeWithinSeconds": str(_HEARD_OF_WITHIN_S)})
        sessions = reading.read(self._requests.who, answer, list[_Session])
        return Sight(scan, sum(session.now_playing_item is not None for session in sessions))


class PlexEye:
    """See `Eye`. Plex tells of a library that it is refreshing, not how far it has got."""

    def __init__(self, requests: PlexRequests, server: PlexServer) -> None:
        self._requests = requests
        self._server = server

    async def look(self) -> Sight:
        """See `Eye`."""
        libraries = await self._requests.libraries(self._server)
        refreshing = any(library.get("refreshing") == "1" for library in libraries)
        return Sight(Scan() if refreshing else None, await self._requests.streams(self._server))
