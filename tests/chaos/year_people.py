"""The people of a year: what was decided about each, and all that happened to them, to tell when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tests.chaos.year_places import Seat

Spot = tuple[str, str]
"""A library: the identifier of its server, and the server's own name for it."""


@dataclass
class Guest:
    """A person, with their accounts. `meddled`: libraries of which more was said than "until when"."""

    id: UUID
    name: str
    seats: tuple[Seat, ...]
    managed: bool = False
    suspended: bool = False
    plan: UUID | None = None
    gone_for_good: bool = False
    meddled: set[Spot] = field(default_factory=set)
    had: Mapping[Seat, frozenset[str]] | None = None
    """What they had when their access ended."""
    regains: Mapping[Seat, frozenset[str]] | None = None
    """What a renewal is to bring back."""
    story: list[str] = field(default_factory=list)


class Diary:
    """Who is there, and what happened on which day."""

    def __init__(self, guests: Iterable[Guest]) -> None:
        self.guests = {guest.id: guest for guest in guests}
        self.by_seat = {seat: guest for guest in self.guests.values() for seat in guest.seats}
        self.today = date.min
        self.general: list[str] = []

    def tell(self, what: str, *guests: Guest) -> None:
        """Write down what happened today, to these guests or in general."""
        for story in [guest.story for guest in guests] or [self.general]:
            story.append(f"{self.today} {what}")

    def managed(self) -> list[Guest]:
        """Those about whom somebody has decided something."""
        return [guest for guest in self.guests.values() if guest.managed]

    def unmanaged(self) -> list[Guest]:
        """The others."""
        return [guest for guest in self.guests.values() if not guest.managed]

    def of(self, guest: Guest) -> str:
        """A guest's story, and what happened at large beside it."""
        return "\n".join([f"{guest.name}, {guest.id}, {guest.seats}", *sorted([*guest.story, *self.general])])
