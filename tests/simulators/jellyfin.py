"""A Jellyfin server, 10.9 to 12: system and libraries; what else it has is in rooms of their own."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from tests.simulators import jellyfin_auth, jellyfin_format
from tests.simulators.base import Call, Route, Simulator
from tests.simulators.household import Library
from tests.simulators.jellyfin_collections import Collections
from tests.simulators.jellyfin_format import problem, reply
from tests.simulators.jellyfin_items import Items
from tests.simulators.jellyfin_sessions import Sessions
from tests.simulators.jellyfin_socket import Socket
from tests.simulators.jellyfin_state import JellyfinState, User, Visitor
from tests.simulators.jellyfin_task_pages import TaskPages
from tests.simulators.jellyfin_users import Users
from tests.simulators.jellyfin_versions import Versions
from tests.simulators.jellyfin_watching import Watching

FIRST_WITHOUT_LEGACY = 12
"""From this version on, X-Emby-Token, api_key and the like are off unless an administrator turns them on."""


class JellyfinServer(Simulator):
    """One Jellyfin server; `version` and `legacy_authorization` stand in for the state's version and its default."""

    ignore_case = True

    def __init__(
        self, state: JellyfinState, *, version: str | None = None, legacy_authorization: bool | None = None
    ) -> None:
        self.state = state
        self.version = version or state.server.version
        self._legacy = self.release[0] < FIRST_WITHOUT_LEGACY if legacy_authorization is None else legacy_authorization
        self.socket = Socket(self)
        rooms = (Users, Items, Watching, Versions, Collections, TaskPages, Sessions)
        self._rooms = (*(room(self) for room in rooms), self.socket)
        super().__init__()

    def routes(self) -> Iterable[Route]:
        """Those below /Users/{user} are of old: no longer documented, still answered."""
        return [
            ("GET", "/System/Ping", self._ping),
            ("POST", "/System/Ping", self._ping),
            ("GET", "/System/Info/Public", self._public_info),
            ("GET", "/System/Info", self._info),
            ("GET", "/Library/VirtualFolders", self._virtual_folders),
            ("GET", "/Library/MediaFolders", self._media_folders),
            ("GET", "/UserViews", self._views),
            ("GET", "/Users/{user}/Views", self._views),
            *(route for room in self._rooms for route in room.routes()),
        ]

    def holder(self, call: Call) -> Visitor | None:
        """Who has the token that the request bears, or None: nobody has, or there is none."""
        return self.state.visitor(jellyfin_auth.token(call, legacy=self._legacy))

    def visitor(self, call: Call) -> Visitor:
        """Who makes the request. Refusal: 401, no token or one that opens nothing."""
        found = self.holder(call)
        if found is None:
            raise problem(401, "Unauthorized")
        return found

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    def administrator(self, call: Call) -> Visitor:
        """Who makes the request, if they may do everything. Refusal: 401 as for anybody; 403, they may not."""
        found = self.visitor(call)
        if not found.is_administrator:
            raise problem(403, "Forbidden")
        return found

    def client(self, call: Call) -> dict[str, str]:
        """What the program that calls says of itself: Client, Device, DeviceId, Version."""
        return jellyfin_auth.authorization(call, legacy=self._legacy)

    async def _ping(self, call: Call) -> web.StreamResponse:
        return reply("Jellyfin Server")

    async def _public_info(self, call: Call) -> web.StreamResponse:
        return reply(self._public())

    async def _info(self, call: Call) -> web.StreamResponse:
        self.visitor(call)
        private = {
            "OperatingSystemDisplayName": "",
            "PackageName": "",
            "HasPendingRestart": False,
            "IsShuttingDown": False,
            "SupportsLibraryMonitor": True,
            "WebSocketPortNumber": 8096,
            "CompletedInstallations": [],
            "CanSelfRestart": True,
            "CanLaunchWebBrowser": False,
            "ProgramDataPath": "/config/data",
            "CachePath": "/cache",
            "LogPath": "/config/log",
            "HasUpdateAvailable": False,
            "EncoderLocation": "System",
            "SystemArchitecture": "X64",
        }
        return reply(self._public() | private)

    def _public(self) -> dict[str, object]:
        return {
            "LocalAddress": self.url,
            "ServerName": self.state.server.name,
            "Version": self.version,
            "ProductName": "Jellyfin Server",
            "OperatingSystem": "",
            "Id": self.state.server.identifier,
            "StartupWizardCompleted": True,
        }

    async def _virtual_folders(self, call: Call) -> web.StreamResponse:
        self.administrator(call)
        listed, _ = call.listed(list(self.state.libraries.values()))
        return reply([jellyfin_format.virtual_folder(library, self.state.refreshing) for library in listed])

    async def _media_folders(self, call: Call) -> web.StreamResponse:
        self.administrator(call)
        return self.library_page(call, list(self.state.libraries.values()))

    async def _views(self, call: Call) -> web.StreamResponse:
        return self.library_page(call, self.open_to(self.subject(call)))

    def library_page(self, call: Call, libraries: list[Library]) -> web.StreamResponse:
        """These libraries as a page of items."""
        listed, claimed = call.listed(libraries)
        items = [jellyfin_format.view(library, self.state.server.identifier) for library in listed]
        return reply({"Items": items, "TotalRecordCount": claimed, "StartIndex": 0})

    def subject(self, call: Call) -> User | None:
        """Whose eyes to see with: the named user's, else one's own; with an API key and no name, nobody's (all).

        Refusal: 404, nobody has that id; 403, only an administrator sees with another's eyes.
        """
        visitor = self.visitor(call)
        named = (call.params.get("user") or call.query("userId") or "").replace("-", "").lower()
        if not named:
            return visitor.user
        user = self.state.users.get(named)
        if user is None:
            raise problem(404, "Not Found")
        if user is not visitor.user and not visitor.is_administrator:
            raise problem(403, "Forbidden")
        return user

    def open_to(self, user: User | None) -> list[Library]:
        """The libraries that a user sees; nobody in particular sees all."""
        return [library for library in self.state.libraries.values() if user is None or user.sees(library)]

    def sight(self, user: User | None) -> frozenset[str] | None:
        """The ids of the libraries that a user sees; None: all, for nobody in particular."""
        return None if user is None else frozenset(library.item_id for library in self.open_to(user))
