"""plex.tv, version 1: which libraries of a server are shared with whom, and what friends may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.household import Library, Person
from tests.simulators.plex_format import Element, Value, seconds, xml_response
from tests.simulators.plex_state import Machine, Share
from tests.simulators.plextv_elements import USUAL_SETTINGS, settings_attributes

if TYPE_CHECKING:
    from tests.simulators.plextv import PlexTv

LIBRARIES = "library_section_ids"
BODY = frozenset({"server_id", "shared_server", "sharing_settings"})
INVITATION = frozenset({LIBRARIES, "invited_id", "invited_email"})
"""What may be said of a share: what plexapi says, so that a slip of the pen is found."""


class Sharing:
    """The pages below /api/servers and /api/v2/sharings."""

    def __init__(self, plextv: PlexTv) -> None:
        self._tv = plextv
        self._state = plextv.state

    def routes(self) -> Iterable[Route]:
        """As python-plexapi's MyPlexAccount calls them."""
        server = "/api/servers/{machine}"
        return [
            ("GET", server, self._server),
            ("GET", f"{server}/shared_servers", self._shares),
            ("POST", f"{server}/shared_servers", self._offer),
            ("GET", f"{server}/shared_servers/{{share}}", self._one_share),
            ("PUT", f"{server}/shared_servers/{{share}}", self._update),
            ("DELETE", f"{server}/shared_servers/{{share}}", self._remove),
            ("PUT", "/api/v2/sharings/{person}", self._allow),
            ("DELETE", "/api/v2/sharings/{person}", self._unfriend),
        ]

    async def _server(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        listed, _ = call.listed(list(machine.libraries.values()))
        sections = [Element("Section", _section(library)) for library in listed]
        attributes: dict[str, Value] = {
            "name": machine.server.name,
            "machineIdentifier": machine.identifier,
            "version": machine.server.version,
            "owned": True,
            "synced": False,
        }
        return self._container(machine, [Element("Server", attributes, sections)], 1)

    async def _shares(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        listed, claimed = call.listed(self._state.shares_of([machine]))
        return self._container(machine, [self._share_element(share, machine) for share in listed], claimed)

    async def _one_share(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        return self._container(machine, [self._share_element(self._share(call, machine), machine)], 1)

    async def _offer(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        wanted, settings = await self._wanted(call, machine, INVITATION)
        # Nothing named means everything: so plexapi's inviteFriend shares a whole server.
        libraries = self._keys(call, wanted.get(LIBRARIES), machine) or None
        person = self._invitee(call, wanted.get("invited_id"), wanted.get("invited_email"), machine)
        share = self._state.offer(machine, person.id, libraries)
        share.settings = settings
        self._tv.journal.note("share.created", person.id, machine.identifier)
        return self._container(machine, [self._share_element(share, machine)], 1, status=201)

    async def _update(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        share = self._share(call, machine)
        wanted, _ = await self._wanted(call, machine, frozenset({LIBRARIES}))
        libraries = self._keys(call, wanted.get(LIBRARIES), machine)
        if not libraries:
            raise self._tv.refusal(call, 400, 1000, "library_section_ids is required; to end a share, delete it")
        share.libraries = libraries
        self._tv.journal.note("share.updated", share.person, machine.identifier)
        return self._container(machine, [self._share_element(share, machine)], 1)

    async def _remove(self, call: Call) -> web.StreamResponse:
        machine = self._tv.own_machine(call)
        share = self._share(call, machine)
        del self._state.shares[share.id]
        self._tv.journal.note("share.deleted", share.person, machine.identifier)
        return web.Response(status=200)

    async def _allow(self, call: Call) -> web.StreamResponse:
        owner = self._tv.signed_in(call)
        friendship = self._state.friendships.get((owner.id, _number(call.params["person"])))
        if friendship is None:
            raise self._tv.refusal(call, 404, 1002, "Not found")
        friendship.settings |= _known_settings(dict(call.request.query))
        self._tv.journal.note("friend.updated", friendship.person)
        return web.Response(status=204)

    async def _unfriend(self, call: Call) -> web.StreamResponse:
        owner = self._tv.signed_in(call)
        person = _number(call.params["person"])
        if not self._state.unfriend(owner.id, person):
            raise self._tv.refusal(call, 404, 1002, "Not found")
        self._tv.journal.note("friend.removed", person)
        return web.Response(status=204)

    async def _wanted(
        self, call: Call, machine: Machine, known: frozenset[str]
    ) -> tuple[dict[str, object], dict[str, str]]:
        """What is said of a share, and what it allows besides. Refusal: 400, it is not what plexapi would say."""
        body = await call.json_object() or {}
        wanted, settings = body.get("shared_server"), body.get("sharing_settings", {})
        if not isinstance(wanted, dict) or body.get("server_id") != machine.identifier:
            raise self._tv.refusal(call, 400, 1000, "server_id and shared_server are required")
        if not isinstance(settings, dict):
            raise self._tv.refusal(call, 400, 1000, "sharing_settings are invalid")
        unknown = (body.keys() - BODY) | (wanted.keys() - known) | (settings.keys() - USUAL_SETTINGS.keys())
        if unknown:
            raise self._tv.refusal(call, 400, 1000, f"{min(unknown)} is not known")
        return wanted, _known_settings(settings)

    def _invitee(self, call: Call, number: object, name: object, machine: Machine) -> Person:
        # A stranger's e-mail is invited too; the refusal is in plex.tv's own words (python-plexapi issue 128).
        person = self._state.find_person(str(number or name or ""))
        if person is None and isinstance(name, str) and "@" in name:
            person = self._state.add_stranger(name)
        if person is None:
            raise self._tv.refusal(call, 404, 1002, "Not found")
        if person.id == machine.server.owner or self._state.share_with(machine.identifier, person.id):
            message = f"You're already sharing this server with {person.username}. Please edit your existing share."
            raise self._tv.refusal(call, 400, 1000, message)
        return person

    def _keys(self, call: Call, section_ids: object, machine: Machine) -> set[int]:
        known = machine.by_section_id()
        numbers = [] if section_ids is None else section_ids
        if not isinstance(numbers, list) or not all(isinstance(n, int) and n in known for n in numbers):
            raise self._tv.refusal(call, 400, 1000, "Invalid library section id")
        return {known[number].key for number in numbers}

    def _share(self, call: Call, machine: Machine) -> Share:
        share = self._state.shares.get(_number(call.params["share"]))
        if share is None or share.server != machine.identifier:
            raise self._tv.refusal(call, 404, 1002, "Not found")
        return share

    def _share_element(self, share: Share, machine: Machine) -> Element:
        person = self._state.people[share.person]
        attributes: dict[str, Value] = {
            "id": share.id,
            "username": person.username,
            "email": person.email,
            "userID": None if person.id in self._state.strangers else person.id,
            "accessToken": share.token,
            "name": machine.server.name,
            "invitedAt": seconds(share.invited_at),
            "acceptedAt": seconds(share.accepted_at),
            "owned": False,
            "allLibraries": share.libraries is None,
        }
        sections = [
            Element("Section", _section(library) | {"shared": share.covers(library.key)})
            for library in machine.libraries.values()
        ]
        return Element("SharedServer", attributes | settings_attributes(share.settings), sections)

    def _container(
        self, machine: Machine, children: list[Element], size: int, *, status: int = 200
    ) -> web.StreamResponse:
        attributes: dict[str, Value] = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "machineIdentifier": machine.identifier,
            "size": size,
        }
        return xml_response(Element("MediaContainer", attributes, children), status=status)


def _section(library: Library) -> dict[str, Value]:
    return {"id": library.section_id, "key": str(library.key), "title": library.title, "type": library.kind}


def _known_settings(settings: dict[str, object] | dict[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items() if name in USUAL_SETTINGS}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
