"""What all accounts of a server should have, beside what they have: worked out off the loop, and kept for a moment."""

from __future__ import annotations

import asyncio
from uuid import UUID

from msgspec import Struct

from shared.access.intent import intended
from shared.access.reconcile import UNTOUCHABLE, decide
from shared.access.terms import AccessPolicy, Decision, Holding, Libraries, Servings, Subscriber
from shared.directory.accessbook import AccessBook

KEPT_S = 2.0


class Outlook(Struct, frozen=True, kw_only=True, gc=False):
    """One account. `intended` is None where nothing is decided about it: it is left as found."""

    holding: Holding
    person: Subscriber
    intended: Libraries | None
    decision: Decision | None


class ServerOutlook(Struct, frozen=True, kw_only=True):
    """All accounts of one server, by the names of their people."""

    servings: Servings
    accounts: tuple[Outlook, ...]


class Outlooks:
    """The outlook of each server, kept for `KEPT_S` seconds, or until something is changed here or a run ends."""

    def __init__(self, book: AccessBook) -> None:
        self._book = book
        self._kept: dict[UUID, tuple[AccessPolicy, ServerOutlook]] = {}
        self._working = asyncio.Lock()
        self._forgotten = 0

    async def of(self, server_id: UUID, policy: AccessPolicy) -> ServerOutlook:
        """The outlook of one server. NoSuchServer."""
        # One at a time: whoever asks for what is being worked out gets that.
        async with self._working:
            by, outlook = self._kept.get(server_id, (policy, None))
            if outlook is None or by != policy:
                forgotten = self._forgotten
                outlook = await asyncio.to_thread(look_out, await self._book.servings(server_id), policy)
                if forgotten == self._forgotten:
                    self._kept[server_id] = policy, outlook
                    asyncio.get_running_loop().call_later(KEPT_S, self._kept.pop, server_id, None)
            return outlook

    def forget(self) -> None:
        """Work everything out anew: something was changed."""
        self._forgotten += 1
        self._kept.clear()


def look_out(servings: Servings, policy: AccessPolicy) -> ServerOutlook:
    """What is intended for each account of a server, and what is to be done about it. Pure."""
    found = [outlook_of(holding, servings, policy) for holding in servings.holdings]
    found.sort(key=lambda outlook: (outlook.person.name, outlook.holding.account_id))
    return ServerOutlook(servings=servings, accounts=tuple(found))


def outlook_of(holding: Holding, servings: Servings, policy: AccessPolicy) -> Outlook:
    """What is intended for one account, and what is to be done about it. Pure."""
    person = servings.people[holding.person_id]
    decided = person.managed and holding.role not in UNTOUCHABLE and holding.state != "removed"
    return Outlook(
        holding=holding,
        person=person,
        intended=intended(person, servings) if decided else None,
        decision=decide(holding, person, servings, policy),
    )
