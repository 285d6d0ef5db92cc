"""Access in a storm: what people are to see changes meanwhile; what a Jellyfin server lets them see is looked at."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import asyncpg

from shared.access.terms import Effect
from shared.directory.records import Account, Library
from tests.chaos.year_places import JellyfinPlace
from tests.simulators.household import make_household
from tests.support.office import Office, office

from .slots import DOUBLED

APPLYING = "apply_jellyfin_access"
APPLYING_EVERY = "10s"
PEOPLE, LIBRARIES = 10, 4
AGAIN_S = 0.5


class AccessDesk:
    """`decided` counts by account how often it was decided that something there is to change."""

    def __init__(self, office: Office, guests: list[Account], libraries: list[Library], chance: Random) -> None:
        self.decided: Counter[str] = Counter()
        self._office = office
        self._guests = guests
        self._libraries = libraries
        self._chance = chance
        self._place = JellyfinPlace(office.town.outside.jellyfin[0])
        self._last = guests[0], libraries[0]
        self._intended = {guest.outside_id: set(self._place.has(guest.outside_id)) for guest in guests}

    async def decide(self, every_s: float) -> None:
        """Give or take a library every so many seconds, for ever."""
        while True:
            guest, library = self._chance.choice(self._guests), self._chance.choice(self._libraries)
            self._intended[guest.outside_id] ^= {library.outside_id}
            self.decided[guest.outside_id] += 1
            self._last = guest, library
            await self.comes_to_rest()
            await asyncio.sleep(every_s)

    async def comes_to_rest(self) -> None:
        """Have the last decision confirmed, however often it takes to say it."""
        guest, library = self._last
        effect: Effect = "allow" if library.outside_id in self._sees(guest) else "deny"
        while True:
            try:
                return await self._office.rule(guest, library.id, effect)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(AGAIN_S)

    async def applied(self) -> bool:
        """Whether everybody sees what they are to see. Raises AssertionError with who does not."""
        wrong = self._misled()
        assert not wrong, wrong
        return True

    def faults(self) -> list[str]:
        """Whoever sees what they are not to see, and every account that was written to more often than decided."""
        return self._misled() + [
            f"{DOUBLED}account {account} was written to {times} times for {self.decided[account]} decisions"
            for account, times in self.written.items()
            if times > self.decided[account]
        ]

    @property
    def written(self) -> Counter[str]:
        """How often each account on the server was changed."""
        changes = self._office.town.outside.jellyfin[0].journal.changes
        return Counter(change.subject for change in changes if change.what == "policy.replaced")

    def _misled(self) -> list[str]:
        return [
            f"{guest.title} sees {sorted(self._place.has(guest.outside_id))} instead of {sorted(self._sees(guest))}"
            for guest in self._guests
            if self._place.has(guest.outside_id) != self._sees(guest)
        ]

    def _sees(self, guest: Account) -> set[str]:
        return self._intended[guest.outside_id]


@asynccontextmanager
async def open_access_desk(database_url: str, folder: Path, chance: Random) -> AsyncIterator[AccessDesk]:
    """A Jellyfin server whose people have subscriptions that do not end in this storm."""
    household = make_household(people=PEOPLE, plex_servers=0, libraries=LIBRARIES)
    async with office(database_url, folder, household=household) as here:
        guests = await here.guests(here.jellyfin_name)
        await here.subscribe(*guests, days_left=200)
        server = await here.town.server(here.jellyfin_name)
        libraries = [library for library in await here.town.directory.libraries() if library.server_id == server.id]
        yield AccessDesk(here, guests, libraries, chance)
