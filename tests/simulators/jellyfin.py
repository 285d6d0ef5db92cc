"""A Jellyfin server, 10.9 to 12: system, libraries, items; its users are in `jellyfin_users`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from aiohttp import web

from tests.simulators import jellyfin_auth, jellyfin_format
from tests.simulators.base import Call, Route, Simulator
from tests.simulators.household import Library
from tests.simulators.jellyfin_format import ITEM_TYPES, problem, reply
from tests.simulators.jellyfin_state import JellyfinState, User, Visitor
from tests.simulators.jellyfin_users import Users

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
        major = int(self.version.split(".")[0])
        self._legacy = major < FIRST_WITHOUT_LEGACY if legacy_authorization is None else legacy_authorization
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
            ("GET", "/Items/Counts", self._counts),
            ("GET", "/Items", self._items),
            ("GET", "/Users/{user}/Items", self._items),
            *Users(self).routes(),
        ]

    def visitor(self, call: Call) -> Visitor:
        """Who makes the request. Refusal: 401, no token or one that opens nothing."""
        found = self.state.visitor(jellyfin_auth.token(call, legacy=self._legacy))
        if found is None:
            raise problem(401, "Unauthorized")
        return found

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
        return reply([jellyfin_format.virtual_folder(library) for library in listed])

    async def _media_folders(self, call: Call) -> web.StreamResponse:
        self.administrator(call)
        return self._library_page(call, list(self.state.libraries.values()))

    async def _views(self, call: Call) -> web.StreamResponse:
        return self._library_page(call, self._open_to(self._subject(call)))

    def _library_page(self, call: Call, libraries: list[Library]) -> web.StreamResponse:
        listed, claimed = call.listed(libraries)
        items = [jellyfin_format.view(library, self.state.server.identifier) for library in listed]
        return reply({"Items": items, "TotalRecordCount": claimed, "StartIndex": 0})

    async def _counts(self, call: Call) -> web.StreamResponse:
        return reply(jellyfin_format.item_counts(self._open_to(self._subject(call))))

    async def _items(self, call: Call) -> web.StreamResponse:
        libraries = self._open_to(self._subject(call))
        parent = (call.query("parentId") or "").replace("-", "").lower()
        # A parent that does not exist stands for the root, so the answer is everything (ItemsController.GetItems).
        if parent in self.state.libraries:
            libraries = [library for library in libraries if library.item_id == parent]
        elif not call.flag("recursive"):
            return self._library_page(call, libraries)
        asked = call.words("includeItemTypes")
        kinds = {kind for kind, name in ITEM_TYPES.items() if name.lower() in asked}
        groups = list(_groups(libraries, kinds, recursive=call.flag("recursive") is True))
        total = sum(library.items[kind] for library, kind in groups)
        start, limit = _number(call, "startIndex") or 0, _number(call, "limit")
        entries = ((library, kind, n) for library, kind in groups for n in range(library.items[kind]))
        given, _ = call.listed(list(islice(entries, start, None if limit is None else start + limit)))
        items = [jellyfin_format.item(*entry, self.state.server.identifier) for entry in given]
        claimed = total if call.shortened.kept and call.flag("enableTotalRecordCount") is not False else 0
        return reply({"Items": items, "TotalRecordCount": claimed, "StartIndex": start})

    def _subject(self, call: Call) -> User | None:
        """Whose eyes to see with: the named user's, else one's own; with an API key and no name, nobody's (all)."""
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

    def _open_to(self, user: User | None) -> list[Library]:
        return [library for library in self.state.libraries.values() if user is None or user.sees(library)]


def _groups(libraries: Iterable[Library], kinds: set[str], *, recursive: bool) -> Iterator[tuple[Library, str]]:
    for library in libraries:
        for kind in library.items if recursive else (library.kind,):
            if not kinds or kind in kinds:
                yield library, kind


def _number(call: Call, name: str) -> int | None:
    value = call.query(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise jellyfin_format.invalid(**{name: f"The value '{value}' is not valid."}) from None
