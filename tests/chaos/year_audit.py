"""The account of a year: whether everybody has what they should, and nothing was done that should not have been."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from shared.access.intent import entitled, intended
from shared.access.reconcile import in_our_hands
from shared.access.terms import Holding, Servings
from tests.chaos.year_jobs import Jobs
from tests.chaos.year_people import Diary
from tests.chaos.year_places import Place, Seat
from tests.chaos.year_world import World
from tests.support.office import Office

REMADE = ("share.deleted", "share.created")
"""plex.tv takes no "all libraries" for a share that is there: it is made anew."""
OF_ACCESS = ("share.", "policy.")
DONE = """
    SELECT run, identifier, outside_id, array_agg(concat(before, ' -> ', after) ORDER BY number) AS changes FROM ledger
    JOIN account ON account.id = account_id JOIN server ON server.id = account.server_id
    WHERE ledger.kind = 'access' AND ledger.state = 'done' GROUP BY run, identifier, outside_id
"""


class Audit:
    """Looks at the servers themselves; of our tables it asks only what is intended, and what we say to have done."""

    def __init__(self, office: Office, places: dict[str, Place], diary: Diary, world: World, jobs: Jobs) -> None:
        self._office = office
        self._places = places
        self._diary = diary
        self._world = world
        self._jobs = jobs

    async def faults(self) -> list[str]:
        """All that is not as it should be, each with the story of whom it befell."""
        self._jobs.writes.turn(None)
        return [
            *await self._wrong_access(),
            *self._touched(),
            *await self._miscounted(),
        ]

    def untouched(self) -> list[str]:
        """Whom nobody has decided anything about, and owners: all have what the people outside have left them."""
        return list(self._touched())

    async def servings(self) -> list[Servings]:
        """What is intended on each server."""
        return [
            await self._office.tools.books.servings(server.id) for server in await self._office.town.directory.servers()
        ]

    async def _wrong_access(self) -> list[str]:
        places = {place.name: place for place in self._places.values()}
        return [
            fault
            for servings in await self.servings()
            for holding in servings.holdings
            for fault in self._faults_of(places[servings.name], holding, servings)
        ]

    def _faults_of(self, place: Place, holding: Holding, servings: Servings) -> Iterator[str]:
        subscriber = servings.people[holding.person_id]
        if not in_our_hands(holding, subscriber):
            return
        seat = Seat(place.identifier, holding.outside_id)
        wants = {servings.outside_ids[number] for number in intended(subscriber, servings)}
        has = place.has(holding.outside_id)
        if has != wants:
            yield self._told(seat, f"has {sorted(has)}, and should have {sorted(wants)}: {subscriber}, {holding}")
        if entitled(subscriber) and holding.locked_by_us and place.locked(holding.outside_id):
            yield self._told(seat, "is locked out, and should not be")

    def _touched(self) -> Iterator[str]:
        theirs = self._nobody_else_s()
        for seat, opened in self._world.as_left.items():
            now = self._places[seat.server].opened(seat.account)
            if seat in theirs and now != opened:
                yield self._told(seat, f"is nobody's to touch, had {opened}, and has {now}")
        for (run, seat), whats in self._jobs.writes.of.items():
            if seat in theirs:
                yield self._told(seat, f"is nobody's to touch, and the run {run} did {whats}")

    def _nobody_else_s(self) -> set[Seat]:
        """The accounts of owners, administrators, and people about whom nobody has decided anything."""
        managed = {seat for guest in self._diary.managed() for seat in guest.seats}
        return self._world.as_left.keys() - managed

    async def _miscounted(self) -> list[str]:
        """Each change that the ledger has for done was made once; a run that was cut off may have made one more."""
        writes, changes = self._jobs.writes.of, await self._done()
        faults = []
        for run, seat in changes.keys() | writes.keys():
            whats, done = writes.get((run, seat), []), changes.get((run, seat), [])
            remade = sum(pair == REMADE for pair in pairwise(whats))
            more = 1 if run in self._jobs.cut else 0
            if any(not what.startswith(OF_ACCESS) for what in whats):
                faults.append(self._told(seat, f"was changed by the run {run} in what is not ours: {whats}"))
            if not len(done) <= len(whats) <= len(done) + remade + more:
                faults.append(self._told(seat, f"did {done}, says the ledger of the run {run}, but {whats}"))
        return faults

    async def _done(self) -> dict[tuple[UUID | None, Seat], list[str]]:
        """The changes of access that each run has done of each account, by the ledger."""
        rows = await self._office.town.pool.fetch(DONE)
        return {(row["run"], Seat(row["identifier"], row["outside_id"])): row["changes"] for row in rows}

    def _told(self, seat: Seat, what: str) -> str:
        guest = self._diary.by_seat.get(seat)
        return f"{guest.name if guest else seat} {what}\n{self._diary.of(guest) if guest else ''}"
