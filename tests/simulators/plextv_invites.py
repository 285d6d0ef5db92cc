"""plex.tv's invitations: version 1 (/api/invites, which plexapi calls) and version 2 (which replaces it)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.household import Person
from tests.simulators.plex_format import Element, Value, json_response, seconds, xml_response
from tests.simulators.plex_state import Share
from tests.simulators.plextv_elements import server_element, settings_attributes

if TYPE_CHECKING:
    from tests.simulators.plextv import PlexTv

GONE = "This endpoint was deprecated and removed"


class Invites:
    """Invitations are shares that have not been accepted, gathered by owner and person; an owner's goes by the person's
    number, a person's by the owner's."""

    def __init__(self, plextv: PlexTv) -> None:
        self._tv = plextv
        self._state = plextv.state

    def routes(self) -> Iterable[Route]:
        """Version 2 as its users call it (wizarr, nevu): plex.tv documents neither."""
        v2 = "/api/v2/shared_servers"
        return [
            ("GET", "/api/invites/requested", self._sent),
            ("GET", "/api/invites/requests", self._received),
            ("DELETE", "/api/invites/requested/{person}", self._cancel),
            ("PUT", "/api/invites/requests/{person}", self._accept),
            ("GET", f"{v2}/invites/owned/pending", self._sent_v2),
            ("GET", f"{v2}/invites/received/pending", self._received_v2),
            ("GET", f"{v2}/owned/accepted", self._accepted_v2),
            ("POST", f"{v2}/{{share}}/accept", self._accept_v2),
            ("DELETE", f"{v2}/{{share}}", self._remove_v2),
        ]

    async def _sent(self, call: Call) -> web.StreamResponse:
        owner = self._caller(call)
        return self._page(call, [(self._state.people[s[0].person], s) for s in self._pending(owner=owner.id)])

    async def _received(self, call: Call) -> web.StreamResponse:
        person = self._caller(call)
        return self._page(call, [(self._owner(s[0]), s) for s in self._pending(person=person.id)])

    async def _cancel(self, call: Call) -> web.StreamResponse:
        owner, other = self._caller(call), self._other(call)
        if not self._state.withdraw(owner.id, other):
            raise self._tv.refusal(call, 404, 1002, "Not found")
        self._tv.journal.note("invitation.cancelled", other)
        return web.Response(status=200)

    async def _accept(self, call: Call) -> web.StreamResponse:
        person, other = self._caller(call), self._other(call)
        if not self._state.accept(other, person.id):
            raise self._tv.refusal(call, 404, 1002, "Not found")
        self._tv.journal.note("invitation.accepted", person.id)
        return web.Response(status=200)

    async def _sent_v2(self, call: Call) -> web.StreamResponse:
        owner = self._tv.signed_in(call)
        listed, _ = call.listed(self._pending(owner=owner.id))
        return json_response([self._invite_object(shares) for shares in listed])

    async def _received_v2(self, call: Call) -> web.StreamResponse:
        person = self._tv.signed_in(call)
        listed, _ = call.listed(self._pending(person=person.id))
        return json_response([self._invite_object(shares) for shares in listed])

    async def _accepted_v2(self, call: Call) -> web.StreamResponse:
        owner = self._tv.signed_in(call)
        shares = self._state.shares_of(self._state.owned_by(owner.id))
        listed, _ = call.listed([share for share in shares if share.accepted_at is not None])
        return json_response([self._share_object(share) for share in listed])

    async def _accept_v2(self, call: Call) -> web.StreamResponse:
        person = self._tv.signed_in(call)
        share = self._state.shares.get(self._other(call))
        if share is None or share.person != person.id or share.accepted_at is not None:
            raise self._tv.refusal(call, 404, 1002, "The requested resource or endpoint could not be found")
        self._state.accept(self._owner(share).id, person.id)
        self._tv.journal.note("invitation.accepted", person.id)
        return json_response(self._share_object(share))

    async def _remove_v2(self, call: Call) -> web.StreamResponse:
        owner = self._tv.signed_in(call)
        share = self._state.shares.get(self._other(call))
        if share is None or self._owner(share).id != owner.id:
            raise self._tv.refusal(call, 404, 1002, "The requested resource or endpoint could not be found")
        del self._state.shares[share.id]
        self._tv.journal.note("share.deleted", share.person, share.server)
        return web.Response(status=204)

    def _caller(self, call: Call) -> Person:
        person = self._tv.signed_in(call)
        if self._tv.old_invites_gone:
            raise self._tv.refusal(call, 410, 1000, GONE)
        return person

    def _other(self, call: Call) -> int:
        text = next(iter(call.params.values()))
        return int(text) if text.isdecimal() else 0

    def _owner(self, share: Share) -> Person:
        return self._state.people[self._state.machines[share.server].server.owner]

    def _pending(self, *, owner: int | None = None, person: int | None = None) -> list[list[Share]]:
        def pair(share: Share) -> tuple[int, int]:
            return self._owner(share).id, share.person

        pending = [
            share
            for share in self._state.shares.values()
            if share.accepted_at is None and owner in (None, self._owner(share).id) and person in (None, share.person)
        ]
        return [list(shares) for _, shares in groupby(sorted(pending, key=pair), key=pair)]

    def _page(self, call: Call, invites: list[tuple[Person, list[Share]]]) -> web.StreamResponse:
        listed, claimed = call.listed(invites)
        attributes: dict[str, Value] = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "size": claimed,
        }
        return xml_response(Element("MediaContainer", attributes, [self._element(*invite) for invite in listed]))

    def _element(self, shown: Person, shares: list[Share]) -> Element:
        attributes: dict[str, Value] = {
            "id": shown.id,
            "createdAt": seconds(shares[0].invited_at),
            "friend": True,
            "home": False,
            "server": True,
            "username": shown.username,
            "email": shown.email,
            "thumb": f"https://plex.tv/users/{shown.id:016x}/avatar",
            "friendlyName": shown.title,
        }
        servers = [server_element(share, self._state.machines[share.server]) for share in shares]
        return Element("Invite", attributes, servers)

    def _invite_object(self, shares: list[Share]) -> dict[str, object]:
        owner = self._owner(shares[0])
        return {
            "id": shares[0].id,
            "owner": _person_object(owner),
            "invited": _person_object(self._state.people[shares[0].person]),
            "sharedServers": [self._share_object(share) for share in shares],
        }

    def _share_object(self, share: Share) -> dict[str, object]:
        machine, person = self._state.machines[share.server], self._state.people[share.person]
        return {
            "id": share.id,
            "name": machine.server.name,
            "machineIdentifier": machine.identifier,
            "ownerId": machine.server.owner,
            "invitedId": None if person.id in self._state.strangers else person.id,
            "invitedEmail": person.email or None,
            "accepted": share.accepted_at is not None,
            "acceptedAt": seconds(share.accepted_at),
            "invitedAt": seconds(share.invited_at),
            "allLibraries": share.libraries is None,
            "numLibraries": len(machine.libraries) if share.libraries is None else len(share.libraries),
            "invited": _person_object(person),
            "libraries": [
                {"id": library.section_id, "key": library.key, "title": library.title, "type": library.kind}
                for library in machine.libraries.values()
                if share.covers(library.key)
            ],
            "sharingSettings": settings_attributes(share.settings),
        }


def _person_object(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "title": person.title,
        "friendlyName": person.title,
        "username": person.username,
        "email": person.email,
    }
