"""Access on a Plex server, which plex.tv keeps in shares: one a guest, of some libraries or of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from shared.outside.errors import Malformed, OutsideError

from ..access.presence import Present, Wish
from ..access.provider import ChangedMeanwhile, HalfDone, Untouchable
from . import plex_offers as offers
from . import plex_reading as reading
from .plex_offers import NO_SHARE, SETTINGS, Target
from .plex_requests import PlexRequests

if TYPE_CHECKING:
    from plexapi.myplex import MyPlexAccount


class PlexAccess:
    """A provider of one server; `libraries` are the keys of those that are there. Made by `open_plex`."""

    def __init__(self, requests: PlexRequests, account: MyPlexAccount, libraries: frozenset[str]) -> None:
        self._requests = requests
        self._account = account
        self._libraries = libraries
        self._owner = str(account.id)
        self._sections: Mapping[str, int] = {}

    async def look(self, accounts: Collection[str]) -> Mapping[str, Present]:
        """See `Provider`. Malformed: plex.tv lists nobody at all; that this is so, a sync has to be told."""
        users, shares = await self._lists()
        if not users and not shares and set(accounts) - {self._owner}:
            raise Malformed(f"{self._requests.plextv} lists nobody with whom {self._requests.who} is shared")
        known = {user.get("id") for user in users}
        return {
            account: self._everything()
            if account == self._owner
            else self._present(offers.by_holder(self._requests.plextv, shares, account), is_known=account in known)
            for account in accounts
        }

    async def apply(self, account: str, before: Present, wish: Wish) -> Present:
        """See `Provider`."""
        if account == self._owner:
            raise Untouchable(f"{self._account.username} is the owner of {self._requests.who}")
        share, now = await self._now(account)
        wanted = offers.target(wish, self._libraries)
        if offers.fulfils(share, wanted, self._libraries):
            return now
        if now.state == "removed" or not now.like(before):
            raise ChangedMeanwhile(f"the account was changed on {self._requests.plextv}", now)
        guest = _guest(account, share)
        if share is not None and not wanted.libraries:
            await self._end(account, share)
            return (await self._now(account))[1] if now.state == "pending" else self._present(None, is_known=True)
        if share is not None and wanted.all_libraries:
            share = await self._renew(account, share, guest, wanted)
        elif share is not None:
            share = await self._limit(account, share, wanted)
        else:
            share = await self._offer(account, guest, wanted)
        return self._present(await self._confirmed(account, share, wanted), is_known=True)

    async def invite(self, email: str, libraries: frozenset[str]) -> tuple[str, Present]:
        """See `Provider`."""
        if not libraries:
            raise ValueError("an invitation to no library would be one to all of them")
        if email.casefold() == (self._account.email or "").casefold():
            raise Untouchable(f"{email} is the owner of {self._requests.who}")
        users, shares = await self._lists()
        share, user, wanted = offers.by_email(shares, email), offers.by_email(users, email), Target(libraries=libraries)
        if user is not None:
            account = reading.text_of(self._requests.plextv, user, "id")
            share = share or offers.by_holder(self._requests.plextv, shares, account)
            share = share or await self._confirmed(
                account, await self._offer(account, {"invited_id": int(account)}, wanted), wanted
            )
        if share is None:
            share = await self._invite(email, wanted)
        return reading.share_holder(self._requests.plextv, share), self._present(share, is_known=True)

    async def _end(self, account: str, share: Element) -> None:
        await self._change("delete", account, share, None, NO_SHARE)

    async def _limit(self, account: str, share: Element, wanted: Target) -> Element | None:
        content = {"shared_server": {"library_section_ids": await self._section_ids(wanted.libraries)}}
        return await self._change("put", account, share, content, wanted)

    async def _offer(self, account: str, guest: Mapping[str, Any], wanted: Target) -> Element | None:
        return await self._change("post", account, None, await self._invitation(guest, wanted), wanted)

    async def _renew(self, account: str, share: Element, guest: Mapping[str, Any], wanted: Target) -> Element | None:
        # plex.tv takes no "all libraries" for a share that is there: it has to be made anew.
        content = await self._invitation(guest, wanted)
        await self._end(account, share)
        try:
            return await self._change("post", account, None, content, wanted)
        except OutsideError as error:
            raise HalfDone(
                f"A share of {self._requests.who} was ended to be made anew, and that failed, so it is missing now: "
                f"{error.message}",
                transient=error.transient,
                retry_after=error.retry_after,
            ) from error

    async def _invite(self, email: str, wanted: Target) -> Element:
        async def landed() -> bool:
            return offers.by_email(await self._requests.shares(self._account), email) is not None

        content = await self._invitation({"invited_email": email}, wanted) | {"sharing_settings": SETTINGS}
        share = await self._requests.change(self._account, "post", "", content, landed)
        if share is None:
            share = offers.by_email(await self._requests.shares(self._account), email)
        if share is None or not offers.fulfils(share, wanted, self._libraries):
            raise self._unshown()
        return share

    async def _invitation(self, guest: Mapping[str, Any], wanted: Target) -> dict[str, Any]:
        # To name no library is to name all.
        named = [] if wanted.all_libraries else await self._section_ids(wanted.libraries)
        content: dict[str, Any] = {"shared_server": {"library_section_ids": named, **guest}}
        return content | ({"sharing_settings": dict(wanted.settings)} if wanted.settings else {})

    async def _change(
        self, method: Any, account: str, share: Element | None, content: Mapping[str, Any] | None, wanted: Target
    ) -> Element | None:
        async def landed() -> bool:
            found, now = await self._now(account)
            if offers.fulfils(found, wanted, self._libraries):
                return True
            if offers.account_of(found) != offers.account_of(share):
                raise ChangedMeanwhile(f"the account was changed on {self._requests.plextv}", now)
            return False

        number = "" if share is None else reading.text_of(self._requests.plextv, share, "id")
        return await self._requests.change(self._account, method, number, content, landed)

    async def _confirmed(self, account: str, share: Element | None, wanted: Target) -> Element:
        if share is None or reading.share_holder(self._requests.plextv, share) != account:
            share, _ = await self._now(account)
        if share is None or not offers.fulfils(share, wanted, self._libraries):
            raise self._unshown()
        return share

    async def _now(self, account: str) -> tuple[Element | None, Present]:
        shares = await self._requests.shares(self._account)
        share = offers.by_holder(self._requests.plextv, shares, account)
        if share is not None:
            return share, self._present(share, is_known=True)
        users = await self._requests.users(self._account)
        self._check(users, shares)
        return None, self._present(None, is_known=account in {user.get("id") for user in users})

    async def _lists(self) -> tuple[Sequence[Element], Sequence[Element]]:
        users = await self._requests.users(self._account)
        shares = await self._requests.shares(self._account)
        self._check(users, shares)
        return users, shares

    def _check(self, users: Sequence[Element], shares: Sequence[Element]) -> None:
        reading.agree(self._requests.plextv, self._requests.check.identifier, users, shares)

    async def _section_ids(self, keys: Collection[str]) -> list[int]:
        self._sections = self._sections or await self._requests.sections(self._account)
        if unknown := sorted(set(keys) - self._sections.keys()):
            raise Malformed(
                f"{self._requests.plextv} does not know library {unknown[0]} of {self._requests.who}: "
                "it is new there, or gone"
            )
        return sorted(self._sections[key] for key in keys)

    def _present(self, share: Element | None, *, is_known: bool) -> Present:
        return offers.present(share, self._libraries, is_known=is_known)

    def _everything(self) -> Present:
        return Present(observed=self._libraries, all_libraries=True, state="active")

    def _unshown(self) -> Malformed:
        return Malformed(f"{self._requests.plextv} took a change of access, but does not show it")


async def open_plex(requests: PlexRequests) -> PlexAccess:
    """The provider of a server. OutsideError; Malformed: it has no library, so it can't be told what anybody sees."""
    listed = await requests.libraries(await requests.server())
    if not listed:
        raise Malformed(f"{requests.who} lists no library at all")
    keys = frozenset(reading.text_of(requests.who, directory, "key") for directory in listed)
    return PlexAccess(requests, await requests.account(), keys)


def _guest(account: str, share: Element | None) -> dict[str, Any]:
    """How plex.tv is told whom to share with: by number, or, who has none yet, by e-mail."""
    if account.isdecimal():
        return {"invited_id": int(account)}
    return {"invited_email": "" if share is None else share.get("email", "")}
