"""plex.tv: accounts, friends, the sharing of servers, invitations; one for all owners and servers of a household."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from tests.simulators.base import Call, Refusal, Route, Simulator
from tests.simulators.household import Person
from tests.simulators.plex_format import Element, Value, json_response, plextv_json, xml_response
from tests.simulators.plex_state import Machine, PlexState, Share
from tests.simulators.plextv_elements import account_element, resource_element, user_element
from tests.simulators.plextv_invites import Invites
from tests.simulators.plextv_sharing import Sharing

V1_ERRORS = {401: "Invalid authentication token.", 404: "Not found"}
"""What version 1 says in an <errors> list; anything else stands in a <Response>."""


class PlexTv(Simulator):
    """The one plex.tv of a household.

    With `old_invites_gone`, /api/invites answers 410 as plex.tv has done to many since 2024
    (pushingkarmaorg/python-plexapi issues 1435 and 1536); version 2 of the invitations works either way.
    """

    def __init__(self, state: PlexState, *, old_invites_gone: bool = False) -> None:
        self.state = state
        self.old_invites_gone = old_invites_gone
        super().__init__()

    def routes(self) -> Iterable[Route]:
        """Version 1 speaks XML whatever is asked for; version 2 JSON or XML."""
        return [
            ("GET", "/api/v2/ping", self._ping),
            ("GET", "/api/v2/user", self._account),
            ("GET", "/users/account", self._account),
            ("GET", "/users/account.json", self._account_json),
            ("GET", "/api/users", self._users),
            ("GET", "/api/v2/resources", self._resources),
            *Sharing(self).routes(),
            *Invites(self).routes(),
        ]

    def not_found(self, call: Call) -> web.StreamResponse:
        """In the words of the version that was asked."""
        return self.refusal(call, 404, 1002, "The requested resource or endpoint could not be found").response

    def signed_in(self, call: Call) -> Person:
        """Whose account the request is made from.

        Refusal: 401, the token is missing or nobody's; 400, version 2 was asked by a program that does not name itself.
        """
        identifier = call.header("X-Plex-Client-Identifier") or call.query("X-Plex-Client-Identifier")
        if call.path.startswith("/api/v2/") and not identifier:
            raise self.refusal(call, 400, 1000, "X-Plex-Client-Identifier is missing")
        person = self.state.account(call.header("X-Plex-Token") or call.query("X-Plex-Token") or "")
        if person is None:
            raise self.refusal(call, 401, 1001, "User could not be authenticated")
        return person

    def own_machine(self, call: Call) -> Machine:
        """The server in the path, which has to be the caller's. Refusal: 404, there is no such server of theirs."""
        owner = self.signed_in(call)
        machine = self.state.machines.get(call.params["machine"])
        if machine is None or machine.server.owner != owner.id:
            raise self.refusal(call, 404, 1002, "Not found")
        return machine

    def refusal(self, call: Call, status: int, code: int, message: str) -> Refusal:
        """A "no" in the format of the version that was asked."""
        refusal = Refusal(status)
        error: dict[str, Value] = {"code": code, "message": message, "status": status}
        if call.path.startswith("/api/v2/"):
            content = Element("errors", {}, [Element("error", error)])
        elif status in V1_ERRORS:
            content = Element("errors", {}, [Element("error", text=V1_ERRORS[status])])
        else:
            content = Element("Response", {"code": status, "status": message})
        refusal.response = xml_response(content, status=status)
        if call.path.startswith("/api/v2/") and call.wants_json:
            refusal.response = json_response({"errors": [error]}, status=status)
        return refusal

    async def _ping(self, call: Call) -> web.StreamResponse:
        self.signed_in(call)
        return json_response({"pong": True}) if call.wants_json else xml_response(Element("pong", text="true"))

    async def _account(self, call: Call) -> web.StreamResponse:
        account = account_element(self.state, self.signed_in(call))
        return json_response(plextv_json(account)) if call.wants_json else xml_response(account)

    async def _account_json(self, call: Call) -> web.StreamResponse:
        return json_response({"user": plextv_json(account_element(self.state, self.signed_in(call)))})

    async def _users(self, call: Call) -> web.StreamResponse:
        owner = self.signed_in(call)
        shares: dict[int, list[Share]] = {}
        for share in self.state.shares_of(self.state.owned_by(owner.id)):
            shares.setdefault(share.person, []).append(share)
        friends = [f for f in self.state.friendships.values() if f.owner == owner.id]
        listed, claimed = call.listed(friends)
        attributes: dict[str, Value] = {
            "friendlyName": "myPlex",
            "identifier": "com.plexapp.plugins.myplex",
            "machineIdentifier": f"{owner.id:040x}",
            "totalSize": claimed,
            "size": claimed,
        }
        users = [user_element(self.state, friend, shares.get(friend.person, [])) for friend in listed]
        return xml_response(Element("MediaContainer", attributes, users))

    async def _resources(self, call: Call) -> web.StreamResponse:
        person = self.signed_in(call)
        token = self.state.account_token(person.id)
        owned = [resource_element(self.state, m, token, owned=True) for m in self.state.owned_by(person.id)]
        shared = [
            resource_element(self.state, self.state.machines[share.server], share.token, owned=False)
            for share in self.state.shares.values()
            if share.person == person.id and share.accepted_at is not None
        ]
        listed, _ = call.listed(owned + shared)
        resources = Element("resources", children=listed, plain_list=True)
        return json_response(plextv_json(resources)) if call.wants_json else xml_response(resources)
