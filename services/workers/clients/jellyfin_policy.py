"""Access on a Jellyfin server, which it keeps in each user's policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from shared.outside.errors import Malformed, Refused

from ..access.presence import Present, Wish
from ..access.provider import ChangedMeanwhile, Untouchable
from . import jellyfin_policies as policies
from . import jellyfin_reading as reading
from .jellyfin_reading import User
from .jellyfin_requests import JellyfinRequests

GONE = Present(state="removed")


class JellyfinAccess:
    """A provider of one server; `libraries` are the plain ids of those that are there. Made by `open_jellyfin`."""

    def __init__(self, requests: JellyfinRequests, libraries: frozenset[str]) -> None:
        self._requests = requests
        self._libraries = libraries

    async def look(self, accounts: Collection[str]) -> Mapping[str, Present]:
        """See `Provider`. Malformed: a user is listed, but not found."""
        seen = {account: await self._look(account) for account in accounts}
        gone = {account for account, now in seen.items() if now.state == "removed"}
        if gone:
            await self._confirm_gone(gone)
        return seen

    async def apply(self, account: str, before: Present, wish: Wish) -> Present:
        """See `Provider`."""
        who = self._requests.who
        user, policy = await self._read(account)
        if user is None:
            raise ChangedMeanwhile(f"the user is no more on {who}", GONE)
        if user.policy.is_administrator:
            raise Untouchable(f"{user.name} is an administrator of {who}")
        self._check_known(wish)
        now = policies.present(user, policy, self._libraries)
        target = policies.wished(policy, now, wish, self._libraries)
        if policies.same(policy, target):
            return now
        if not now.like(before):
            raise ChangedMeanwhile(f"{user.name} was changed on {who}", now)
        await self._requests.post(f"/Users/{account}/Policy", target, lambda: self._landed(account, policy, target))
        return await self._confirmed(account, target)

    async def invite(self, email: str, libraries: frozenset[str]) -> tuple[str, Present]:
        """See `Provider`."""
        raise ValueError("Jellyfin knows no invitations")

    async def _look(self, account: str) -> Present:
        user, policy = await self._read(account)
        return policies.present(user, policy, self._libraries) if user else GONE

    async def _read(self, account: str) -> tuple[User | None, dict[str, Any]]:
        try:
            answer = await self._requests.get(f"/Users/{account}")
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None, {}
        return reading.read(self._requests.who, answer, User), answer["Policy"]

    async def _confirm_gone(self, accounts: Collection[str]) -> None:
        # A proxy in trouble says 404 too: whoever is gone is not listed either.
        who = self._requests.who
        users = reading.read(who, await self._requests.get("/Users"), list[User])
        reading.check_users(who, users)
        if found := sorted(user.name for user in users if reading.plain_id(user.id) in accounts):
            raise Malformed(f"{who} lists {found[0]}, but does not find them")

    async def _landed(self, account: str, before: policies.Policy, target: policies.Policy) -> bool:
        user, policy = await self._read(account)
        if user is None:
            raise ChangedMeanwhile(f"the user is no more on {self._requests.who}", GONE)
        if policies.same(policy, target):
            return True
        if not policies.same(policy, before):
            now = policies.present(user, policy, self._libraries)
            raise ChangedMeanwhile(f"{user.name} was changed on {self._requests.who}", now)
        return False

    async def _confirmed(self, account: str, target: policies.Policy) -> Present:
        user, policy = await self._read(account)
        if user is None or not policies.same(policy, target):
            raise Malformed(f"{self._requests.who} took a change of access, but does not show it")
        return policies.present(user, policy, self._libraries)

    def _check_known(self, wish: Wish) -> None:
        if unknown := wish.libraries - self._libraries:
            raise Malformed(
                f"{self._requests.who} has no library {min(unknown)} to give: synchronize it", transient=False
            )


async def open_jellyfin(requests: JellyfinRequests) -> JellyfinAccess:
    """The provider of a server. OutsideError; Malformed: it has no library, so it can't be told what anybody sees."""
    libraries = frozenset(reading.plain_id(folder.item_id or "") for folder in await requests.folders())
    if not libraries:
        raise Malformed(f"{requests.who} lists no library at all")
    return JellyfinAccess(requests, libraries)
