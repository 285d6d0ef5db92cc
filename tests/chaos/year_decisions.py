"""What an administrator decides in a year: who may have what, and until when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from msgspec import structs

from shared.access.terms import Effect
from shared.directory.records import Library
from shared.directory.subscribers import PlanBody, SubscriptionPlan, SubscriptionQuery
from tests.chaos.year_people import Diary, Guest
from tests.support.office import WHO, Office

LENGTHS = (60, 120, 365, None)
"""Of plans, in days; None is for life."""
EFFECTS: tuple[Effect | None, ...] = ("allow", "allow", "deny", "always", None)
ONE_DAY = timedelta(days=1)
LOYAL = 0.85
"""How many, of those whose last day is over, come back some time."""


class Administrator:
    """Decides at random, as a household does: mostly about last days. `spots`: the identifiers of the servers."""

    def __init__(self, office: Office, diary: Diary, chance: Random, servers: dict[UUID, str]) -> None:
        self._office = office
        self._members = office.tools.membership
        self._diary = diary
        self._chance = chance
        self._servers = servers
        self._plans: list[SubscriptionPlan] = []

    async def opens(self, share: float, hosts: Sequence[UUID]) -> None:
        """Make the plans, and put so many of all people on one. The hosts are to have nothing, which nobody may do."""
        libraries = await self._libraries()
        for number, days in enumerate(LENGTHS):
            some = self._chance.sample(libraries, max(2, len(libraries) * 2 // 3))
            body = PlanBody(name=f"Plan {number}", days=days, libraries=tuple(library.id for library in some))
            self._plans.append(await self._members.add_plan(body))
        guests = list(self._diary.guests.values())
        for guest in self._chance.sample(guests, int(len(guests) * share)):
            await self._subscribe(guest, days=self._chance.randint(1, 200))
        for host in hosts:
            await self._members.subscribe(host, None, self._office.today + ONE_DAY, False, **await self._now())

    async def decides(self) -> None:
        """One day's decisions."""
        await self._renewals()
        usual: dict[Callable[[], Awaitable[None]], float] = {
            self._newcomer: 0.08,
            self._gift: 0.015,
            self._switch_plan: 0.05,
            self._unsubscribe: 0.03,
            self._suspend: 0.06,
            self._unsuspend: 0.06,
            self._change_plan: 0.03,
            self._rule: 0.2,
        }
        for decide, share in usual.items():
            if self._chance.random() < share:
                await decide()

    async def _renewals(self) -> None:
        query = SubscriptionQuery(expiring_before=self._office.today + timedelta(days=4), limit=1000)
        for card in await self._members.subscribed(query):
            guest = self._diary.guests.get(card.id)
            if guest is None or guest.gone_for_good or self._chance.random() > 0.12:
                continue
            if self._chance.random() > LOYAL:
                guest.gone_for_good = True
                continue
            until = await self._members.renew(guest.id, self._chance.randint(60, 300), **await self._now())
            self._told_until(guest, f"renewed until {until}")

    async def _newcomer(self) -> None:
        unmanaged = self._diary.unmanaged()
        if unmanaged:
            await self._subscribe(self._chance.choice(unmanaged), days=self._chance.randint(20, 100))

    async def _gift(self) -> None:
        guests = self._chance.sample(managed := self._diary.managed(), min(12, len(managed)))
        results = await self._members.gift([guest.id for guest in guests], 10, "sorry", **await self._now())
        for result in results:
            if result.expires_on is not None:
                self._told_until(self._diary.guests[result.person_id], f"gifted until {result.expires_on}")

    async def _switch_plan(self) -> None:
        guest = self._chance.choice(self._diary.managed())
        await self._subscribe(guest, days=self._chance.randint(30, 200))

    async def _unsubscribe(self) -> None:
        guest = self._chance.choice(self._diary.managed())
        card = await self._members.card(guest.id)
        if card.subscription is None:
            return
        await self._members.unsubscribe(guest.id, **await self._now())
        guest.plan, guest.had, guest.regains = None, None, None
        self._diary.tell("unsubscribed", guest)

    async def _suspend(self) -> None:
        guest = self._chance.choice(list(self._diary.guests.values()))
        await self._members.suspend(guest.id, "noise", **await self._now())
        guest.managed, guest.suspended, guest.had, guest.regains = True, True, None, None
        self._diary.tell("suspended", guest)

    async def _unsuspend(self) -> None:
        suspended = [guest for guest in self._diary.managed() if guest.suspended]
        if suspended:
            guest = self._chance.choice(suspended)
            guest.suspended = False
            await self._members.unsuspend(guest.id, **await self._now())
            self._diary.tell("no longer suspended", guest)

    async def _change_plan(self) -> None:
        index = self._chance.randrange(len(self._plans))
        library = self._chance.choice(await self._libraries())
        plan = self._plans[index]
        others = tuple(found for found in plan.libraries if found != library.id)
        given = len(others) == len(plan.libraries)
        changed = structs.replace(plan, libraries=(*others, library.id) if given else others)
        body = PlanBody(name=changed.name, days=changed.days, libraries=changed.libraries)
        self._plans[index] = await self._members.change_plan(plan.id, body, WHO)
        for guest in self._diary.managed():
            if guest.plan == plan.id:
                guest.meddled.add(self._spot(library))
        self._diary.tell(f"{plan.name} {'gives' if given else 'no longer gives'} {library.title}")

    async def _rule(self) -> None:
        guest = self._chance.choice(list(self._diary.guests.values()))
        library = self._chance.choice(await self._libraries())
        effect = self._chance.choice(EFFECTS)
        await self._members.set_rule(guest.id, library.id, effect, by=WHO)
        guest.managed = guest.managed or effect is not None
        guest.meddled.add(self._spot(library))
        self._diary.tell(f"rule for {library.title}, {library.outside_id}: {effect}", guest)

    async def _subscribe(self, guest: Guest, *, days: int) -> None:
        plan = self._chance.choice([*self._plans, None])
        last_day = self._office.today + timedelta(days=days)
        for_life = self._chance.random() < 0.1
        keep = self._chance.random() < 0.8
        await self._members.subscribe(
            guest.id, plan.id if plan else None, last_day, keep, for_life=for_life, **await self._now()
        )
        guest.managed, guest.plan, guest.had, guest.regains = True, plan.id if plan else None, None, None
        name = plan.name if plan else "no plan"
        self._diary.tell(f"subscribed to {name} until {'ever' if for_life else last_day}, keeps: {keep}", guest)

    def _told_until(self, guest: Guest, what: str) -> None:
        guest.regains, guest.had = guest.had or guest.regains, None
        self._diary.tell(what, guest)

    async def _libraries(self) -> list[Library]:
        found = await self._office.town.directory.libraries()
        return sorted(found, key=lambda library: (library.title, library.outside_id))

    async def _now(self) -> dict[str, Any]:
        return {"by": WHO, "today": self._office.today, "policy": await self._office.tools.preferences.access()}

    def _spot(self, library: Library) -> tuple[str, str]:
        return self._servers[library.server_id], library.outside_id
