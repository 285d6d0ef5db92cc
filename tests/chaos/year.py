"""A year in fast motion: each day somebody decides something, something happens outside, and the jobs run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from msgspec import structs

from shared.access.intent import intended
from tests.chaos.year_audit import Audit
from tests.chaos.year_decisions import Administrator
from tests.chaos.year_jobs import Jobs
from tests.chaos.year_people import Diary, Guest
from tests.chaos.year_places import Seat, places_of
from tests.chaos.year_world import World
from tests.support.office import APPLY, SYNCS, WHO, Office

EXPIRE, STATES, TIDY = "disable_expired_users", "update_user_status", "cleanup_users_without_libraries"
HOSTS = ("owner", "admin")
JOINED = 40
"""How many people have an account on several servers."""
ROUNDS = 8
"""In how many rounds, at most, all has to be at rest when nothing happens any more."""


class Calendar:
    """What day it is: noon of it, in UTC."""

    def __init__(self, first: date) -> None:
        self.today = first

    def now(self) -> datetime:
        """What the jobs take for the time."""
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    def next_day(self) -> None:
        """A night passes."""
        self.today += timedelta(days=1)


class Year:
    """Made by `begin`."""

    def __init__(self, office: Office, calendar: Calendar, diary: Diary, chance: Random, servers: dict[UUID, str]):
        self._office = office
        self._calendar = calendar
        self._diary = diary
        self._chance = chance
        self._places = places_of(office.town.outside)
        self._world = World(self._places, diary, chance)
        self._administrator = Administrator(office, diary, chance, servers)
        self.jobs = Jobs(office, diary, chance)
        self.audit = Audit(office, self._places, diary, self._world, self.jobs)
        self.restored = self.regained = 0
        self.faults: list[str] = []

    @classmethod
    async def begin(cls, office: Office, calendar: Calendar, chance: Random) -> Year:
        """The first day: part of the people get a subscription, and so do those whose servers these are."""
        servers = {server.id: server.identifier for server in await office.town.directory.servers()}
        await _join(office)
        year = cls(office, calendar, await _diary(office, servers), chance, servers)
        year._diary.today = calendar.today
        hosts = [a.person_id for a in await office.town.directory.accounts(limit=10_000) if a.role in HOSTS]
        await year._administrator.opens(0.5, hosts)
        return year

    async def passes(self, days: int) -> None:
        """So many days."""
        for _ in range(days):
            self._calendar.next_day()
            self._diary.today = self._calendar.today
            await self._world.goes_on()
            await self._administrator.decides()
            await self._works()
            self.faults += self.audit.untouched()
            if self.faults:
                return

    async def comes_to_rest(self) -> None:
        """Nothing happens any more, and everything that waits is approved."""
        await self._world.calms_down()
        for _ in range(ROUNDS):
            told = [await self._run(name) for name in (*SYNCS, STATES, EXPIRE)]
            told += [await self._run(name, now=True) for name in APPLY]
            told += [await self._run(name, approves=held) for name, held in await self._held()]
            if set(told[2:]) == {"nothing to do"}:
                return
        self.faults.append(f"not at rest after {ROUNDS} rounds: {told}")

    async def _works(self) -> None:
        """One day of the jobs."""
        for name, held in await self._held():
            if self._chance.random() < 0.3:
                self._diary.tell(f"approved: {name} {held}")
                await self._run(name, approves=held)
        early = self._chance.random() < 0.06
        if early:
            await self._syncs()
        await self._run(STATES)
        await self._run(EXPIRE)
        calm = [await self._run(name) for name in APPLY]
        if self._chance.random() < 0.05:
            await self._run(TIDY)
        if not early and self._chance.random() < 0.08:
            await self._syncs()
        if all(told is not None and "left alone" not in told for told in calm):
            self._compare_regained()

    async def _held(self) -> list[tuple[str, UUID]]:
        """The runs that wait for approval, with their jobs."""
        rows = [row for name in sorted(self.jobs.waiting) for row in await self._office.tools.ledger.held(name)]
        self.jobs.waiting = {row.job for row in rows}
        return list(dict.fromkeys((row.job, row.run) for row in rows))

    async def _syncs(self) -> None:
        for name in SYNCS:
            await self._run(name)

    async def _run(self, name: str, **params: object) -> str | None:
        mortal = not self._world.in_trouble and self._chance.random() < 0.2
        run, result = await self.jobs.run(name, mortal=mortal, **params)
        if result is None:
            return None
        if name == EXPIRE and result.summary != "nothing to do":
            for row in await self._office.tools.ledger.of_run(run.id):
                if row.state == "done" and row.person_id in self._diary.guests:
                    await self._note_end(self._diary.guests[row.person_id])
        return result.summary

    async def _note_end(self, guest: Guest) -> None:
        self._diary.tell("access ended", guest)
        guest.regains, guest.had = None, None
        if not guest.suspended and await self._is_at_rest(guest):
            guest.had = {seat: self._places[seat.server].has(seat.account) for seat in guest.seats}
            guest.meddled.clear()

    async def _is_at_rest(self, guest: Guest) -> bool:
        """Whether somebody had just what they should have before their access ended."""
        for account in (await self._office.tools.membership.card(guest.id)).accounts:
            servings = await self._office.tools.books.serving_of(account.id)
            subscriber, (holding,) = servings.people[guest.id], servings.holdings
            if subscriber.subscription is not None:
                running = structs.replace(subscriber.subscription, ended_for=None)
                subscriber = structs.replace(subscriber, subscription=running)
            wants = {servings.outside_ids[number] for number in intended(subscriber, servings)}
            seat = next(seat for seat in guest.seats if seat.account == holding.outside_id)
            if wants != self._places[seat.server].has(seat.account):
                return False
        return True

    def _compare_regained(self) -> None:
        """A renewal brings back what people had, but for what somebody has decided since, or done by hand."""
        for guest in self._diary.guests.values():
            if guest.regains is None:
                continue
            for seat, had in guest.regains.items():
                has = self._places[seat.server].has(seat.account)
                if wrong := {library for library in had ^ has if (seat.server, library) not in guest.meddled}:
                    self.faults.append(f"{guest.name}: renewed, but {wrong} is not as before\n{self._diary.of(guest)}")
                self.regained += len(had)
            self.restored += 1
            guest.regains = None


async def _join(office: Office) -> None:
    """Say of some Jellyfin users who they are on Plex; their names there tell it."""
    policy = await office.tools.preferences.access()
    accounts = [a for a in await office.town.directory.accounts(limit=10_000) if a.role not in HOSTS]
    jellyfin = (await office.town.server(office.jellyfin_name)).id
    users = {account.username: account.person_id for account in accounts if account.server_id == jellyfin}
    guests = [account for account in accounts if account.server_id != jellyfin and account.username in users]
    for account in guests[:JOINED]:
        other = users[account.username]
        await office.tools.membership.merge(account.person_id, other, by=WHO, today=office.today, policy=policy)


async def _diary(office: Office, servers: Mapping[UUID, str]) -> Diary:
    guests: dict[UUID, Guest] = {}
    for account in await office.town.directory.accounts(limit=10_000):
        if account.role in HOSTS or account.state in ("pending", "removed"):
            continue
        guest = guests.setdefault(account.person_id, Guest(account.person_id, account.title, ()))
        guest.seats = (*guest.seats, Seat(servers[account.server_id], account.outside_id))
    return Diary(guests.values())
