"""A Plex media server: identity, libraries, items; for its owner and for those it is shared with."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aiohttp import web

from tests.simulators.base import Call, Refusal, Route, Simulator
from tests.simulators.household import Library, Person
from tests.simulators.names import item_title
from tests.simulators.plex_format import Element, Value, json_response, seconds, server_json, xml_response
from tests.simulators.plex_sessions import session
from tests.simulators.plex_state import Machine, PlexState, Share

PREFIX = "com.plexapp.plugins.library"
ITEM_TYPES = {"movie": 1, "show": 2, "season": 3, "episode": 4, "artist": 8, "album": 9, "track": 10, "photo": 13}
"""Plex's numbers for the kinds of items (the `type` parameter), as in plexapi's SEARCHTYPES."""
XML_TAGS = {"movie": "Video", "episode": "Video", "track": "Track", "photo": "Photo"}
UNAUTHORIZED = "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"


class PlexServer(Simulator):
    """One media server of the household, by its machine identifier. KeyError: the household has no such Plex server."""

    def __init__(self, state: PlexState, identifier: str) -> None:
        self.state = state
        self.machine: Machine = state.machines[identifier]
        super().__init__()

    def routes(self) -> Iterable[Route]:
        """Both spellings of the list of libraries are in use: plexapi's, and the newer one with /all."""
        return [
            ("GET", "/identity", self._identity),
            ("GET", "/", self._root),
            ("GET", "/accounts", self._accounts),
            ("GET", "/library", self._library),
            ("GET", "/library/sections", self._sections),
            ("GET", "/library/sections/all", self._sections),
            ("GET", "/library/sections/{key}", self._section),
            ("GET", "/library/sections/{key}/all", self._items),
            ("GET", "/status/sessions", self._playing),
        ]

    async def come_up(self) -> None:
        """Listen, and let plex.tv know where."""
        await super().come_up()
        self.machine.url = self.url

    @property
    def owner_token(self) -> str:
        """The owner's token, which opens plex.tv too."""
        return self.state.account_token(self.machine.server.owner)

    def _visitor(self, call: Call) -> Person | Share:
        token = call.header("X-Plex-Token") or call.query("X-Plex-Token") or ""
        visitor = self.state.visitor(self.machine, token)
        if visitor is None:
            raise Refusal(401, UNAUTHORIZED, "text/html")
        return visitor

    def _owner_only(self, call: Call) -> None:
        if not isinstance(self._visitor(call), Person):
            raise Refusal(403, UNAUTHORIZED.replace("401 Unauthorized", "403 Forbidden"), "text/html")

    def _visible(self, call: Call) -> list[Library]:
        visitor = self._visitor(call)
        libraries = self.machine.libraries.values()
        return [library for library in libraries if isinstance(visitor, Person) or visitor.covers(library.key)]

    def _visible_library(self, call: Call) -> Library:
        for library in self._visible(call):
            if str(library.key) == call.params["key"]:
                return library
        raise Refusal(404, "<html><head><title>Not Found</title></head></html>", "text/html")

    async def _identity(self, call: Call) -> web.StreamResponse:
        server = self.machine.server
        attributes: dict[str, Value] = {
            "size": 0,
            "claimed": True,
            "machineIdentifier": server.identifier,
            "version": server.version,
        }
        return _container(call, attributes)

    async def _root(self, call: Call) -> web.StreamResponse:
        self._visitor(call)
        server, owner = self.machine.server, self.state.people[self.machine.server.owner]
        attributes: dict[str, Value] = {
            "size": 1,
            "allowCameraUpload": True,
            "allowMediaDeletion": True,
            "allowSharing": True,
            "allowSync": True,
            "friendlyName": server.name,
            "machineIdentifier": server.identifier,
            "multiuser": True,
            "myPlex": True,
            "myPlexMappingState": "mapped",
            "myPlexSigninState": "ok",
            "myPlexSubscription": True,
            "myPlexUsername": owner.email,
            "platform": "Linux",
            "platformVersion": "6.12",
            "updatedAt": seconds(self.state.now()),
            "version": server.version,
        }
        return _container(call, attributes, [Element("Directory", {"count": 1, "key": "library", "title": "library"})])

    async def _accounts(self, call: Call) -> web.StreamResponse:
        self._owner_only(call)
        people = [self.state.people[share.person] for share in self.state.shares_of([self.machine])]
        listed, claimed = call.listed(people)
        accounts = [Element("Account", {"id": p.id, "key": f"/accounts/{p.id}", "name": p.title}) for p in listed]
        return _container(call, {"size": claimed, "identifier": "com.plexapp.system.accounts"}, accounts)

    async def _library(self, call: Call) -> web.StreamResponse:
        self._owner_only(call)
        directory = Element("Directory", {"key": "sections", "title": "Library Sections"})
        return _container(call, {"size": 1, "identifier": PREFIX, "title1": "Plex Library"}, [directory])

    async def _sections(self, call: Call) -> web.StreamResponse:
        listed, claimed = call.listed(self._visible(call))
        attributes: dict[str, Value] = {"size": claimed, "allowSync": True, "title1": "Plex Library"}
        return _container(call, attributes, [self._directory(library) for library in listed])

    async def _section(self, call: Call) -> web.StreamResponse:
        library = self._visible_library(call)
        return _container(call, {"size": 1, "identifier": PREFIX}, [self._directory(library)])

    async def _items(self, call: Call) -> web.StreamResponse:
        library = self._visible_library(call)
        kind = _kind_asked(call, library)
        start, size = _number(call, "X-Plex-Container-Start"), _number(call, "X-Plex-Container-Size")
        numbers, total = call.listed(range(library.items.get(kind, 0)))
        page = numbers[start or 0 :][:size]
        attributes: dict[str, Value] = {
            "size": len(page),
            "identifier": PREFIX,
            "librarySectionID": library.key,
            "librarySectionTitle": library.title,
            "viewGroup": kind,
        }
        # Only a reader that pages is told the total.
        if size is not None:
            attributes |= {"totalSize": total, "offset": start or 0}
        added = self.state.people[self.machine.server.owner].joined_at
        return _container(call, attributes, [_item(library, kind, number, added) for number in page])

    async def _playing(self, call: Call) -> web.StreamResponse:
        self._owner_only(call)
        listed, claimed = call.listed(self.machine.sessions_playing)
        return _container(call, {"size": claimed}, [session(entry, n) for n, entry in enumerate(listed, start=1)])

    def _directory(self, library: Library) -> Element:
        return Element(
            "Directory",
            {
                "key": str(library.key),
                "title": library.title,
                "type": library.kind,
                "uuid": str(uuid.UUID(library.item_id)),
                "agent": f"tv.plex.agents.{library.kind}",
                "scanner": f"Plex {library.kind.title()}",
                "language": "en-US",
                "allowSync": True,
                "filters": True,
                "refreshing": library.key in self.machine.refreshing,
                "hidden": False,
                "createdAt": seconds(self.state.people[self.machine.server.owner].joined_at),
            },
            [Element("Location", {"id": library.key, "path": library.location})],
        )


def _kind_asked(call: Call, library: Library) -> str:
    number = call.query("type")
    if number is None:
        return library.kind
    for kind, known in ITEM_TYPES.items():
        if str(known) == number:
            return kind
    raise Refusal(400, "<html><head><title>Bad Request</title></head></html>", "text/html")


def _item(library: Library, kind: str, number: int, added: datetime) -> Element:
    rating_key = library.key * 1_000_000 + ITEM_TYPES[kind] * 50_000 + number
    attributes: dict[str, Value] = {
        "ratingKey": str(rating_key),
        "key": f"/library/metadata/{rating_key}",
        "guid": f"plex://{kind}/{rating_key:024x}",
        "type": kind,
        "title": item_title(library.key, number),
        "addedAt": seconds(added),
    }
    return Element(XML_TAGS.get(kind, "Directory"), attributes, json_tag="Metadata")


def _number(call: Call, name: str) -> int | None:
    value = call.header(name) or call.query(name)
    if value is None:
        return None
    if not value.isdecimal():
        raise Refusal(400, "<html><head><title>Bad Request</title></head></html>", "text/html")
    return int(value)


def _container(call: Call, attributes: Mapping[str, Value], children: Sequence[Element] = ()) -> web.StreamResponse:
    root = Element("MediaContainer", attributes, children)
    return json_response(server_json(root)) if call.wants_json else xml_response(root)
