"""A year of one household's subscriptions and mail, day by day, and what has to be true of all that has arrived."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from services.workers.door import JobFailed
from shared.access.terms import AccessPolicy
from shared.directory.subscribers import PersonEdit
from shared.mail.terms import Event, TemplateBody
from tests.support.mailing import NOTICES, WHO, Mailing

LANGUAGES = ("nl", "pl")
"""In other languages than ours dates are written as ISO 8601 has them, so that the tests can read them."""
MOMENTS: tuple[tuple[Event, int], ...] = (
    ("before_expiry", 30),
    ("before_expiry", 7),
    ("before_expiry", 0),
    ("expired", 0),
)
SUBJECT = re.compile(r"(?P<event>\w+) (?P<days>\d+) (?P<language>\w+) (?P<about>\S+)")
CATCH_UP = timedelta(days=3)
LONGEST_OUTAGE = 3  # days
A_DAY = timedelta(days=1)
POLICY = AccessPolicy()


@dataclass
class Life:
    """What was true of a person on each day, and what has arrived on it."""

    id: UUID
    name: str
    last_days: dict[date, date] = field(default_factory=dict)
    languages: dict[date, str] = field(default_factory=dict)
    suspended: set[date] = field(default_factory=set)
    arrived: list[tuple[date, Event, int, str, date]] = field(default_factory=list)

    def told(self) -> str:
        """Their story, for a person."""
        lines = [f"{self.name}:"]
        before: tuple[date, str, bool] | None = None
        for day, last_day in self.last_days.items():
            now = last_day, self.languages[day], day in self.suspended
            if now != before:
                lines.append(f"  {day}: until {now[0]}, in {now[1]}{', suspended' if now[2] else ''}")
            before = now
            lines += [f"  {day}: got {mail[1]} {mail[2]} about {mail[4]}" for mail in self.arrived if mail[0] == day]
        return "\n".join(lines)


class Year:
    """Lives the days, and keeps the account. `down`: the days on which the mail server was away."""

    def __init__(self, mailing: Mailing, chance: Random) -> None:
        self.mailing = mailing
        self.chance = chance
        self.lives: list[Life] = []
        self.down: set[date] = set()
        self._outage = 0
        self._read = 0

    async def begin(self, people: int) -> None:
        """People with last days in the next months, and templates that can be read again."""
        room = self.mailing.tools.mailroom
        await self.mailing.set_up(default_language=LANGUAGES[0])
        for template in await room.templates():
            await room.remove_template(template.id)
        for event, days in MOMENTS:
            for language in LANGUAGES:
                subject = f"{event} {days} {language} {{{{ expiration_date }}}}"
                await room.add_template(
                    TemplateBody(event=event, days=days, language=language, subject=subject, text="Hello.\n"), WHO
                )
        for number in range(people):
            name, language = f"Person{number}", self.chance.choice(LANGUAGES)
            days_left = self.chance.randint(1, 90)
            self.lives.append(Life(await self.mailing.person(name, days_left=days_left, language=language), name))

    async def day(self) -> None:
        """Decide this and that, send twice, and note what has arrived."""
        for life in self.lives:
            if self.chance.random() < 0.05:
                await self._decide(life)
        await self.mailing.tools.membership.refresh_states(today=self.mailing.today, policy=POLICY, by=WHO)
        await self._note()
        await self._weather()
        for _ in range(2):
            await self._send()
            self.mailing.time += timedelta(hours=9)
        self._read_mail()
        self.mailing.time += timedelta(hours=6)

    async def _decide(self, life: Life) -> None:
        members, today = self.mailing.tools.membership, self.mailing.today
        match self.chance.choice(("renew", "renew", "language", "suspend", "unsuspend")):
            case "renew":
                days = self.chance.choice((7, 30, 60))
                await members.renew(life.id, days, by=WHO, today=today, policy=POLICY)
            case "language":
                language = self.chance.choice(LANGUAGES)
                await members.edit_person(life.id, PersonEdit(language=language), WHO)
            case "suspend":
                await members.suspend(life.id, "", by=WHO, today=today, policy=POLICY)
            case "unsuspend":
                await members.unsuspend(life.id, by=WHO, today=today, policy=POLICY)

    async def _note(self) -> None:
        today = self.mailing.today
        people = {person.id: person for person in await self.mailing.tools.mailroom.people_for_mail(self.mailing.time)}
        for life in self.lives:
            person = people[life.id]
            assert person.expires_on is not None
            life.last_days[today] = person.expires_on
            life.languages[today] = person.language
            if person.state == "suspended":
                life.suspended.add(today)

    async def _weather(self) -> None:
        server = self.mailing.server
        if self._outage:
            self._outage -= 1
            if self._outage:
                self.down.add(self.mailing.today)
                return
            await server.come_up()
        server.faults.clear()
        match self.chance.random():
            case luck if luck < 0.05:
                self._outage = self.chance.randint(1, LONGEST_OUTAGE)
                self.down.add(self.mailing.today)
                await server.go_down()
            case luck if luck < 0.15:
                # Put off once; the second run of the day gets through.
                server.faults.say("RCPT", "451 4.7.1 Greylisted, try again later", times=1)
            case luck if luck < 0.2:
                server.faults.drop("content", kept=True)
            case luck if luck < 0.25:
                server.faults.drop("RCPT")

    async def _send(self) -> None:
        try:
            await self.mailing.run(NOTICES)
        except JobFailed as failure:
            assert self.mailing.today in self.down, failure.message

    def _read_mail(self) -> None:
        by_address = {f"{life.name.lower()}@example.net": life for life in self.lives}
        day = (self.mailing.time - timedelta(hours=18)).date()
        for taken in self.mailing.server.messages[self._read :]:
            said = SUBJECT.fullmatch(str(taken.message["Subject"]))
            assert said is not None, taken.message["Subject"]
            event: Event = "expired" if said["event"] == "expired" else "before_expiry"
            about = date.fromisoformat(said["about"])
            by_address[taken.recipients[0]].arrived.append((day, event, int(said["days"]), said["language"], about))
        self._read = len(self.mailing.server.messages)


def faults(year: Year) -> Iterator[str]:
    """Everything that is not as promised, with the story of whom it befell."""
    for life in year.lives:
        for fault in (*_wrong(life), *_missed(life, year.down)):
            yield f"{fault}\n{life.told()}"


def _wrong(life: Life) -> Iterator[str]:
    about = [mail[1:3] + mail[4:] for mail in life.arrived]
    yield from (f"{mail} came {about.count(mail)} times" for mail in set(about) if about.count(mail) > 1)
    reminders = [mail[0] for mail in life.arrived if mail[1] == "before_expiry"]
    yield from (f"{day}: several reminders in one go" for day in set(reminders) if reminders.count(day) > 1)
    for day, event, days, language, last_day in life.arrived:
        first, last = _window(event, days, last_day)
        if life.last_days[day] != last_day:
            yield f"{day}: {event} {days} speaks of {last_day}, which is not their last day"
        elif not first <= day <= last:
            yield f"{day}: {event} {days} about {last_day} comes at the wrong time"
        elif day in life.suspended:
            yield f"{day}: {event} {days} to somebody who is suspended"
        elif language not in {life.languages.get(day - back * A_DAY) for back in range(LONGEST_OUTAGE + 1)}:
            yield f"{day}: {event} {days} in {language}"


def _missed(life: Life, down: set[date]) -> Iterator[str]:
    """What was due on days on which it could be sent, all the time, and did not come."""
    arrived = {(event, days, last_day) for _, event, days, _, last_day in life.arrived}
    for last_day in set(life.last_days.values()):
        for event, days in MOMENTS:
            first, last = _window(event, days, last_day)
            window = [first + number * A_DAY for number in range((last - first).days + 1)]
            due = all(life.last_days.get(day) == last_day and day not in life.suspended for day in window)
            if due and any(day not in down for day in window) and (event, days, last_day) not in arrived:
                yield f"{event} {days} about {last_day} never came"


def _window(event: Event, days: int, last_day: date) -> tuple[date, date]:
    if event == "expired":
        return last_day + A_DAY, last_day + A_DAY + CATCH_UP
    first = last_day - days * A_DAY
    return first, min(first + CATCH_UP, last_day)
