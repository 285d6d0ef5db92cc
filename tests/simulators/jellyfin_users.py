"""Jellyfin's users: reading them, adding and deleting, policies, passwords, logging in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import failed, invalid, problem, reply, user_dto
from tests.simulators.jellyfin_reading import guid, posted
from tests.simulators.jellyfin_state import POLICY, User

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer

REQUIRED = ("AuthenticationProviderId", "PasswordResetProviderId")
"""What a policy cannot be without (UserPolicy in both API descriptions)."""
NULLABLE = frozenset(name for name, value in POLICY.items() if value is None or isinstance(value, list))
NAME = re.compile(r"(?!\s)[\w \-'._@+]+(?<!\s)")
"""A user name that Jellyfin takes (UserManager.ValidUsernameRegex)."""


class Users:
    """The pages below /Users."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._state = server.state

    def routes(self) -> Iterable[Route]:
        """Fixed names come before {user}, which would take them."""
        return [
            ("POST", "/Users/AuthenticateByName", self._log_in),
            ("GET", "/Users/Me", self._me),
            ("GET", "/Users/Public", self._public),
            ("POST", "/Users/New", self._add),
            ("POST", "/Users/Password", self._set_password),
            ("GET", "/Users", self._list),
            ("GET", "/Users/{user}", self._one),
            ("DELETE", "/Users/{user}", self._delete),
            ("POST", "/Users/{user}/Policy", self._set_policy),
            ("POST", "/Users/{user}/Password", self._set_password),
        ]

    async def _log_in(self, call: Call) -> web.StreamResponse:
        body, client = await posted(call), self._server.client(call)
        # Jellyfin wants to know which program on which device is logging in.
        if not all(client.get(name) for name in ("Client", "Device", "DeviceId", "Version")) or not body.get(
            "username"
        ):
            raise failed(400)
        user = self._state.named(str(body["username"]))
        if user is None or user.password != (body.get("pw") or ""):
            raise failed(401)
        if user.is_disabled:
            raise failed(403)
        token = self._state.log_in(user, client["DeviceId"])
        server_id = self._state.server.identifier
        session = {
            "Id": token[::-1],
            "UserId": user.id,
            "UserName": user.name,
            "Client": client["Client"],
            "DeviceName": client["Device"],
            "DeviceId": client["DeviceId"],
            "ApplicationVersion": client["Version"],
            "ServerId": server_id,
            "IsActive": True,
        }
        content = {
            "User": user_dto(user, server_id),
            "SessionInfo": session,
            "AccessToken": token,
            "ServerId": server_id,
        }
        return reply(content)

    async def _me(self, call: Call) -> web.StreamResponse:
        user = self._server.visitor(call).user
        # An API key is nobody's.
        if user is None:
            raise problem(400, "Bad Request")
        return self._shown(user)

    async def _public(self, call: Call) -> web.StreamResponse:
        hidden = ("IsHidden", "IsDisabled")
        users = [u for u in self._state.users.values() if not any(u.policy[name] for name in hidden)]
        return self._page(call, users)

    async def _list(self, call: Call) -> web.StreamResponse:
        self._server.visitor(call)
        users = list(self._state.users.values())
        for name in ("IsHidden", "IsDisabled"):
            if (wanted := call.flag(name)) is not None:
                users = [user for user in users if user.policy[name] is wanted]
        return self._page(call, sorted(users, key=lambda user: user.name.lower()))

    async def _one(self, call: Call) -> web.StreamResponse:
        self._server.visitor(call)
        return self._shown(self._user(call))

    async def _add(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        body = await posted(call)
        name = body.get("name")
        if not isinstance(name, str) or not name:
            raise invalid(Name="The Name field is required.")
        if not NAME.fullmatch(name) or self._state.named(name):
            raise failed(400)
        user = self._state.add_user(name, str(body.get("password") or ""))
        self._server.journal.note("user.created", user.id, name)
        return self._shown(user)

    async def _delete(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        user = self._user(call)
        if user.is_administrator and self._is_last_administrator(user):
            raise failed(400)
        self._state.remove_user(user)
        self._server.journal.note("user.deleted", user.id)
        return web.Response(status=204)

    async def _set_policy(self, call: Call) -> web.StreamResponse:
        self._server.administrator(call)
        body = await posted(call)
        user = self._user(call)
        policy = policy_from(body)
        if not policy["IsAdministrator"] and user.is_administrator and self._is_last_administrator(user):
            return reply("There must be at least one user in the system with administrative access.", status=403)
        if policy["IsDisabled"] and user.is_administrator:
            return reply("Administrators cannot be disabled.", status=403)
        user.policy = policy
        if user.is_disabled:
            self._state.log_out_everywhere(user)
        self._server.journal.note("policy.replaced", user.id)
        return web.Response(status=204)

    async def _set_password(self, call: Call) -> web.StreamResponse:
        visitor = self._server.visitor(call)
        user = self._user(call, visitor.user)
        body = await posted(call)
        if user is not visitor.user and not visitor.is_administrator:
            raise problem(403, "Forbidden")
        if user is visitor.user and user.password != (body.get("currentpw") or ""):
            return reply("Invalid user or password entered.", status=403)
        user.password = "" if body.get("resetpassword") is True else str(body.get("newpw") or "")
        self._server.journal.note("password.set", user.id)
        return web.Response(status=204)

    def _user(self, call: Call, otherwise: User | None = None) -> User:
        text = call.params.get("user") or call.query("userId") or ""
        if not text and otherwise is not None:
            return otherwise
        user = self._state.users.get(guid(text) or "")
        if user is not None:
            return user
        if guid(text) is None:
            raise invalid(userId=f"The value '{text}' is not valid.")
        raise problem(404, "Not Found")

    def _is_last_administrator(self, user: User) -> bool:
        return not any(other.is_administrator for other in self._state.users.values() if other is not user)

    def _shown(self, user: User) -> web.StreamResponse:
        return reply(user_dto(user, self._state.server.identifier))

    def _page(self, call: Call, users: list[User]) -> web.StreamResponse:
        listed, _ = call.listed(users)
        return reply([user_dto(user, self._state.server.identifier) for user in listed])


def policy_from(body: Mapping[str, object]) -> dict[str, object]:
    """The whole policy that a posted one makes; `body` has its names in lower case.

    What it leaves out gets the default, what it has too many is ignored. Refusal: 400, a required field is missing
    or a value is of the wrong type.
    """
    policy = {name: body.get(name.lower(), usual) for name, usual in POLICY.items()}
    wrong = {name: f"The {name} field is required." for name in REQUIRED if not body.get(name.lower())}
    for name, value in policy.items():
        if not _fits(name, value):
            wrong[name] = "The JSON value could not be converted."
    folders = policy["EnabledFolders"] or []
    known = [guid(str(folder)) for folder in folders] if isinstance(folders, list) else []
    if None in known:
        wrong["EnabledFolders"] = "The JSON value could not be converted to System.Guid."
    if wrong:
        raise invalid(**wrong)
    return policy | {"EnabledFolders": known}


def _fits(name: str, value: object) -> bool:
    usual = POLICY[name]
    if value is None:
        return name in NULLABLE
    if usual is None:
        return isinstance(value, int | list)
    return type(value) is type(usual)
