"""One server before anything is changed on it: what the books say is to be done, looked at once more on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import Struct, structs

from shared.access.reconcile import decide, reconcile, unsettled
from shared.access.terms import AccessPolicy, Decision, Holding, Libraries, Servings
from shared.directory.records import Server

from ..tools import Tools
from .looks import refreshed
from .presence import Present
from .provider import Provider


class Reach(Struct, frozen=True, kw_only=True):
    """The way to a server, and how the accounts that matter were found there, by outside id."""

    provider: Provider
    presents: dict[str, Present]


class Survey(Struct, frozen=True, kw_only=True):
    """A server with what is to be done there. Without a `reach` nothing is, and nobody asked it anything.

    `alone`: the accounts that are left alone after a failure, with a clause about each.
    """

    server: Server
    servings: Servings
    decisions: tuple[Decision, ...] = ()
    reach: Reach | None = None
    alone: Mapping[UUID, str] = {}


async def reached(tools: Tools, server: Server, accounts: Collection[str]) -> Reach:
    """Look at these accounts of a server (outside ids). OutsideError; DirectoryError; VaultError."""
    token = await tools.directory.token(server.id)
    provider = await tools.clients.provider(server, token)
    return Reach(provider=provider, presents=dict(await provider.look(accounts)) if accounts else {})


class Surveyor:
    """Surveys servers for one run. `unsure`: accounts of which nobody knows whether a change has reached the server.

    With `rehearse` nothing is written down, and with `impatient` nothing is left alone.
    """

    def __init__(
        self, tools: Tools, policy: AccessPolicy, unsure: Collection[UUID], *, rehearse: bool, impatient: bool
    ) -> None:
        self._tools = tools
        self._policy = policy
        self._unsure = frozenset(unsure)
        self._rehearse = rehearse
        self._impatient = impatient

    async def survey(self, server: Server) -> Survey:
        """What is to be done on a server, after a look at it. OutsideError; DirectoryError; VaultError."""
        servings = self._open_minded(await self._tools.books.servings(server.id))
        decisions, settled = await asyncio.to_thread(_compare, servings, self._policy)
        alone = await self._left_alone(servings, decisions)
        concerned = (decisions.keys() | self._unsure.intersection(_by_id(servings))) - alone.keys()
        if settled and not self._rehearse:
            await self._tools.books.settle(settled)
        if not concerned:
            return Survey(server=server, servings=servings, alone=alone)
        there = [h.outside_id for h in servings.holdings if h.account_id in concerned and h.state != "wanted"]
        reach = await reached(self._tools, server, there)
        fresh = refreshed(servings, reach.presents)
        if not self._rehearse:
            await self._note(servings, fresh)
        return Survey(
            server=server,
            servings=fresh,
            decisions=tuple(_decided(fresh, concerned, self._policy)),
            reach=reach,
            alone=alone,
        )

    def _open_minded(self, servings: Servings) -> Servings:
        # What an account has that we may have changed ourselves was not done by hand.
        holdings = (
            structs.replace(holding, settled=None) if holding.account_id in self._unsure else holding
            for holding in servings.holdings
        )
        return structs.replace(servings, holdings=tuple(holdings)) if self._unsure else servings

    async def _left_alone(self, servings: Servings, decisions: Mapping[UUID, Decision]) -> dict[UUID, str]:
        troubles = await self._tools.books.trouble()
        if not troubles:
            return {}
        here = _by_id(servings)
        over = [account_id for account_id in troubles if account_id in here and account_id not in decisions]
        if over and not self._rehearse:
            await self._tools.books.clear_trouble(over)
        if self._impatient:
            return {}
        now = self._tools.now()
        return {
            account_id: f"{servings.people[decision.person_id].name} on {servings.name} until "
            f"{troubles[account_id].next_at:%Y-%m-%d %H:%M} UTC: {troubles[account_id].error}"
            for account_id, decision in decisions.items()
            if account_id in troubles and troubles[account_id].next_at > now
        }

    async def _note(self, servings: Servings, fresh: Servings) -> None:
        for known, seen in zip(servings.holdings, fresh.holdings, strict=True):
            if seen is not known and seen != known:
                await self._tools.books.note_look(
                    seen.account_id, seen.observed, all_libraries=seen.all_libraries, state=seen.state
                )
        here = _by_id(fresh)
        unsure = (here[account_id] for account_id in self._unsure if account_id in here)
        await self._tools.books.settle(
            {found.account_id: found.observed for found in unsure if found.state != "wanted"}
        )


def _compare(servings: Servings, policy: AccessPolicy) -> tuple[dict[UUID, Decision], dict[UUID, Libraries]]:
    decisions = {decision.account_id: decision for decision in reconcile(servings, policy)}
    here = _by_id(servings)
    return decisions, {found: here[found].observed & servings.present for found in unsettled(servings)}


def _decided(servings: Servings, concerned: Collection[UUID], policy: AccessPolicy) -> list[Decision]:
    found = (
        decide(holding, servings.people[holding.person_id], servings, policy)
        for holding in servings.holdings
        if holding.account_id in concerned
    )
    return [decision for decision in found if decision is not None]


def _by_id(servings: Servings) -> dict[UUID, Holding]:
    return {holding.account_id: holding for holding in servings.holdings}
