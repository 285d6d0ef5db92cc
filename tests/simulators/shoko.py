"""A Shoko server, 4.2 to 6.0: itself, its users and their keys, its files.

After Shoko.Server/API/v3/Controllers. Series and groups are in `shoko_tree`, user stats in `shoko_stats`.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from tests.simulators import shoko_format, shoko_models
from tests.simulators.base import Call, Refusal, Route, Simulator
from tests.simulators.jellyfin_format import invalid, problem, reply
from tests.simulators.shoko_collection import File
from tests.simulators.shoko_reading import flag, json_body, named, number
from tests.simulators.shoko_state import ShokoState, User
from tests.simulators.shoko_stats import Stats
from tests.simulators.shoko_tree import Tree

USUAL_PAGE, MOST_A_PAGE = 100, 1000
BY_VIEWING = frozenset({"viewedat", "-viewedat", "watchedat", "-watchedat"})


class ShokoServer(Simulator):
    """One Shoko server."""

    ignore_case = True

    def __init__(self, state: ShokoState) -> None:
        self.state = state
        self._started_at = state.now()
        self._listings: dict[int, list[File]] = {}
        super().__init__()

    def routes(self) -> Iterable[Route]:
        """Whoever only asks for the version or the state needs no key."""
        return [
            ("GET", "/api/v3/Init/Version", self._version),
            ("GET", "/api/v3/Init/Status", self._status),
            ("POST", "/api/auth", self._log_in),
            ("GET", "/api/v3/User", self._users),
            ("GET", "/api/v3/User/Current", self._current_user),
            ("GET", "/api/v3/File", self._files),
            ("GET", "/api/v3/File/{fileid}", self._file),
            *Stats(self.state, self.journal, self.visitor).routes(),
            *Tree(self.state, self.visitor).routes(),
        ]

    def visitor(self, call: Call) -> User:
        """Who makes the request. Refusal: 401, no key or one that opens nothing; or what `failing` says of the key."""
        keys = [key for key in _keys(call) if key]
        if status := next((self.state.failing[key] for key in keys if key in self.state.failing), None):
            raise Refusal(status)
        found = next((user for key in keys if (user := self.state.visitor(key))), None)
        if found is None:
            raise Refusal(401)
        return found

    async def _version(self, call: Call) -> web.StreamResponse:
        return reply(shoko_format.versions(self.state))

    async def _status(self, call: Call) -> web.StreamResponse:
        known = any(self.state.visitor(key) for key in _keys(call))
        return reply(shoko_format.status(self.state, self._started_at, known=known))

    async def _log_in(self, call: Call) -> web.StreamResponse:
        members = await json_body(call)
        given = {name: members.get(name) for name in ("user", "pass", "device")}
        # An account may have an empty password, but it must be said to be empty.
        lacking = [name for name, value in given.items() if not (isinstance(value, str) and (value or name == "pass"))]
        if lacking:
            raise invalid(**{name: f"The {name} field is required." for name in lacking})
        name, password, device = (str(value).strip() for value in given.values())
        for user in self.state.users.values():
            if (user.name.lower(), user.password) == (name.lower(), password):
                return reply({"apikey": self.state.log_in(user, device)})
        raise problem(401, "Unauthorized")

    async def _users(self, call: Call) -> web.StreamResponse:
        if not self.visitor(call).is_admin:
            raise Refusal(403)
        listed, _ = call.listed(list(self.state.users.values()))
        return reply([shoko_format.user(self.state, user) for user in listed])

    async def _current_user(self, call: Call) -> web.StreamResponse:
        return reply(shoko_format.user(self.state, self.visitor(call)))

    async def _files(self, call: Call) -> web.StreamResponse:
        user, order = self.visitor(call), call.words("sortOrder")
        size = number(call, "pageSize", USUAL_PAGE, smallest=0, largest=MOST_A_PAGE)
        page = number(call, "page", 1, smallest=1)
        by_viewing = not order.isdisjoint(BY_VIEWING)
        if page == 1 or user.id not in self._listings:
            # For each page anew is what the real one does; it can afford to.
            self._listings[user.id] = self.state.listing(user, latest_first="-viewedat" in order)
        listed, claimed = call.listed(self._listings[user.id])
        shown = listed[(page - 1) * size : page * size] if size else listed
        # The viewer's own stats are looked for only if they are needed for the order (ModelHelper.FilterFiles).
        viewer = user if by_viewing else None
        files = [shoko_models.file(self.state, file, viewer, references=False) for file in shown]
        return reply({"Total": claimed, "List": files})

    async def _file(self, call: Call) -> web.StreamResponse:
        user, file = self.visitor(call), named(call, self.state, "fileID", self.state.collection.files)
        if self.state.major < 5:
            references = flag(call, "includeXRefs", default=False)
        else:
            references = "xrefs" in call.words("include")
        return reply(shoko_models.file(self.state, file, user, references=references))


def _keys(call: Call) -> tuple[str, str]:
    return call.header("apikey") or "", call.query("apikey") or ""
