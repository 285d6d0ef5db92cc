"""What happens outside in a year, without anybody asking us: edits by hand, new and deleted libraries, outages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

from tests.chaos.year_people import Diary
from tests.chaos.year_places import KEPT, Place, Seat
from tests.simulators.base import Simulator

TROUBLES: dict[str, Callable[[Simulator], None]] = {
    "answers 500": lambda simulator: simulator.faults.answer("/**", 500),
    "lists nothing": lambda simulator: simulator.faults.empty("/**"),
    "lists half": lambda simulator: simulator.faults.half("/**"),
    "hangs up": lambda simulator: simulator.faults.truncate("/**", times=3),
}
CLOSED = "is closed"


class World:
    """The servers. `as_left`: what everybody's access is where nobody but the people outside has changed it."""

    def __init__(self, places: dict[str, Place], diary: Diary, chance: Random) -> None:
        self._places = places
        self._diary = diary
        self._chance = chance
        self._end_outage: Callable[[], Awaitable[None]] | None = None
        self._days_left = 0
        self.as_left = self._opened()

    @property
    def in_trouble(self) -> bool:
        """Whether a server has an outage."""
        return self._end_outage is not None

    async def goes_on(self) -> None:
        """One day of it."""
        before = self._opened()
        for _ in range(self._chance.choice((0, 0, 0, 1, 1, 2))):
            self._edit_by_hand()
        if self._chance.random() < 0.02:
            self._change_libraries()
        for seat, opened in self._opened().items():
            if opened != before[seat]:
                self.as_left[seat] = opened
        await self._outages()

    async def calms_down(self) -> None:
        """No more outage."""
        if self._end_outage is not None:
            await self._end_outage()
            self._end_outage = None
            self._diary.tell("all servers are well again")

    def _opened(self) -> dict[Seat, object]:
        return {
            Seat(place.identifier, account): place.opened(account)
            for place in self._places.values()
            for account in [*place.guests(), *place.untouchable()]
        }

    def _edit_by_hand(self) -> None:
        place = self._chance.choice(list(self._places.values()))
        account, library = self._chance.choice(place.guests()), self._chance.choice(place.libraries())
        guest = self._diary.by_seat.get(Seat(place.identifier, account))
        if guest is None:
            return
        takes = library in place.has(account)
        (place.take if takes else place.give)(account, library)
        guest.meddled.add((place.identifier, library))
        self._diary.tell(f"by hand on {place.name}: library {library} {'taken' if takes else 'given'}", guest)

    def _change_libraries(self) -> None:
        place = self._chance.choice(list(self._places.values()))
        libraries = place.libraries()
        if len(libraries) > KEPT and self._chance.random() < 0.5:
            library, what = self._chance.choice(libraries), "removed"
            place.remove_library(library)
        else:
            library, what = place.add_library(self._chance), "added"
        for guest in self._diary.guests.values():
            guest.meddled.add((place.identifier, library))
        self._diary.tell(f"{place.name}: library {library} {what}")

    async def _outages(self) -> None:
        if self._end_outage is not None:
            self._days_left -= 1
            if self._days_left <= 0:
                await self.calms_down()
        elif self._chance.random() < 0.06:
            self._days_left = self._chance.randint(1, 3)
            place = self._chance.choice(list(self._places.values()))
            await self._break(self._chance.choice(place.simulators), place.name)

    async def _break(self, simulator: Simulator, name: str) -> None:
        trouble = self._chance.choice([*TROUBLES, CLOSED])
        self._diary.tell(f"{type(simulator).__name__} of {name} {trouble}")
        if trouble == CLOSED:
            await simulator.go_down()
            self._end_outage = simulator.come_up
            return
        TROUBLES[trouble](simulator)

        async def over() -> None:
            simulator.faults.clear()

        self._end_outage = over
