"""Where people decide about people: a town whose syncs have run, and what is true on its servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import structs

from services.workers.door import Result
from services.workers.tools import Tools
from shared.access.terms import AccessPolicy, Effect
from shared.directory.records import Account
from shared.directory.subscribers import PersonCard
from shared.runtime.clock import utc_now
from tests.simulators.base import Simulator
from tests.simulators.household import Household, make_household
from tests.support.recorded import RecordedRun
from tests.support.town import Town, town

WHO = "mara"
APPLY = ("apply_plex_access", "apply_jellyfin_access")
SYNCS = ("sync_plex", "sync_jellyfin")
CALM = AccessPolicy(most_people=1000, most_share=1.0)
"""No run takes too much."""


@dataclass(frozen=True)
class Office:
    """Decides, runs the jobs, and looks at the simulated servers."""

    town: Town

    @property
    def tools(self) -> Tools:
        return self.town.tools

    @property
    def today(self) -> date:
        return self.tools.today

    async def set(self, **changes: Any) -> None:
        """Change some of the settings."""
        policy = structs.replace(await self.tools.preferences.access(), **changes)
        await self.tools.preferences.set_access(policy, WHO)

    async def guests(self, server: str) -> list[Account]:
        """The accounts of a server that have something, but for owners, administrators and open invitations."""
        found = await self.town.directory.accounts((await self.town.server(server)).id, limit=1000)
        return [
            account
            for account in found
            if account.role not in ("owner", "admin")
            and account.state == "active"
            and await self.town.directory.access(account.id)
        ]

    async def pending(self, server: str) -> list[Account]:
        """The accounts of a server whose invitation is open."""
        found = await self.town.directory.accounts((await self.town.server(server)).id, limit=1000)
        return [account for account in found if account.state == "pending"]

    async def subscribe(self, *accounts: Account, days_left: int, plan: UUID | None = None, keep: bool = True) -> None:
        """Give the people of these accounts a subscription with that many days left."""
        policy = await self.tools.preferences.access()
        for account in accounts:
            await self.tools.membership.subscribe(
                account.person_id,
                plan,
                self.today + timedelta(days=days_left),
                keep,
                by=WHO,
                today=self.today,
                policy=policy,
            )

    async def renew(self, account: Account, days: int = 30) -> None:
        """Move the last day of an account's person."""
        policy = await self.tools.preferences.access()
        await self.tools.membership.renew(account.person_id, days, by=WHO, today=self.today, policy=policy)

    async def suspend(self, account: Account, *, again: bool = True) -> None:
        """Suspend an account's person, or (`again=False`) suspend them no more."""
        policy = await self.tools.preferences.access()
        if again:
            await self.tools.membership.suspend(account.person_id, "noise", by=WHO, today=self.today, policy=policy)
        else:
            await self.tools.membership.unsuspend(account.person_id, by=WHO, today=self.today, policy=policy)

    async def rule(self, account: Account, library: UUID, effect: Effect | None) -> None:
        """Make an exception for an account's person."""
        await self.tools.membership.set_rule(account.person_id, library, effect, by=WHO)

    async def rules(self, account: Account) -> dict[str, tuple[str, str]]:
        """The exceptions of an account's person by the title of the library: effect and origin."""
        libraries = await self.town.pool.fetch("SELECT id, title FROM library")
        titles = {row["id"]: row["title"] for row in libraries}
        found = await self.tools.membership.rules(account.person_id)
        return {titles[rule.library_id]: (rule.effect, rule.origin) for rule in found}

    async def card(self, account: Account) -> PersonCard:
        """The card of an account's person."""
        return await self.tools.membership.card(account.person_id)

    async def apply(self, **params: Any) -> dict[str, tuple[Result, RecordedRun]]:
        """Run both jobs that apply access."""
        return {name: await self.town.run(name, **params) for name in APPLY}

    async def sync(self) -> None:
        """Run both syncs."""
        for name in SYNCS:
            await self.town.run(name)

    async def states(self, run: RecordedRun) -> list[str]:
        """The states of the run's rows in the ledger."""
        return [row.state for row in await self.tools.ledger.of_run(run.id)]

    def on_plex(self, server: int = 0) -> dict[str, frozenset[int] | None]:
        """Whom a Plex server is shared with: the keys of the libraries, None for all, by plex.tv's number."""
        machine = self.town.outside.plex[server].machine
        return {
            str(share.person): None if share.libraries is None else frozenset(share.libraries)
            for share in self.town.outside.plex_state.shares_of([machine])
        }

    def on_jellyfin(self) -> dict[str, dict[str, Any]]:
        """The policies of all users of the Jellyfin server."""
        return {user.id: dict(user.policy) for user in self.town.outside.jellyfin[0].state.users.values()}

    @property
    def plex_name(self) -> str:
        return self.town.outside.plex[0].machine.server.name

    @property
    def jellyfin_name(self) -> str:
        return self.town.outside.jellyfin[0].state.server.name

    @property
    def simulators(self) -> list[Simulator]:
        return [self.town.outside.plextv, *self.town.outside.plex, *self.town.outside.jellyfin]

    def changes(self) -> list[tuple[str, str]]:
        """All that was changed on the servers by their journals: what, and whom it befell."""
        return [(change.what, change.subject) for simulator in self.simulators for change in simulator.journal.changes]


@asynccontextmanager
async def office(
    url: str,
    folder: Path,
    *,
    household: Household | None = None,
    policy: AccessPolicy = CALM,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Office]:
    """An office with the town of this household, synchronized once. `now`: the time that it is for the jobs."""
    household = household or make_household(people=40, plex_servers=1, libraries=8)
    async with town(url, folder, household=household, now=now) as here:
        made = Office(here)
        await made.tools.preferences.set_access(policy, WHO)
        await made.sync()
        yield made
