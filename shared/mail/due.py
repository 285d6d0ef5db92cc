"""Which notices are due today, and whether one that waited is still wanted.

Each notice has its first day and may be caught up for three more. Of several about the same thing only the latest is
sent, and what it overtook is never sent after it: so nobody gets two reminders of one date in one go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from .choosing import Reader, Templates
from .keys import notice_key
from .terms import EXPIRY, NEWS, Due, Event, MailPerson, MailTemplate

CATCH_UP = timedelta(days=3)

Series = Literal["expiry", "invitation", "news"]
"""Notices about the same thing."""

SERIES: Mapping[Event, Series] = {
    **dict.fromkeys(EXPIRY, "expiry"),
    **dict.fromkeys(NEWS, "news"),
    "pending_invitation": "invitation",
}
# A welcome is not to be overtaken by a change of the day after.
PRECEDENCE: Mapping[Event, int] = {"welcome": 1}


class Notice(NamedTuple):
    """A notice to one person, and the days on which it may be sent."""

    event: Event
    days: int
    key: str
    first: date
    last: date


def due(
    people: Iterable[MailPerson],
    templates: Iterable[MailTemplate],
    done: Collection[str],
    today: date,
    *,
    default_language: str,
    events: Collection[Event] | None = None,
) -> list[Due]:
    """The notices to send, in the order of `people`.

    `done`: keys of notices that were sent, or are on their way; a set, for there are many. `events`: those to look at.
    """
    offered = Templates(templates, default_language)
    moments = [moment for moment in offered.moments if events is None or moment[0] in events]
    return [found for person in people for found in _of_person(person, moments, offered, done, today)]


def unwanted(person: MailPerson | None, event: Event, days: int, key: str, today: date) -> str:
    """Why a notice that waited should not be sent any more, in words for a person; "" if it should."""
    if person is None:
        return "the person is not there any more"
    if why := barred(person, event):
        return why
    notice = notice_of(person, event, days)
    if notice is None or notice.key != key:
        return "what it speaks of has changed meanwhile"
    return "" if notice.first <= today <= notice.last else "it is too late for it"


def campaign_unwanted(person: MailPerson | None) -> str:
    """Why a campaign's message should not be sent to somebody any more, in words for a person; "" if it should."""
    if person is None or person.state == "removed":
        return "the person is not there any more"
    return "they have unsubscribed" if person.unsubscribed else ""


def barred(person: MailPerson, event: Event) -> str:
    """Why the person gets no such notice, in words for a person; "" if they do."""
    if not person.address:
        return "there is no e-mail address"
    if not person.managed:
        return "nobody has decided about this person yet"
    if person.staff:
        return "they own or administer a server"
    if person.state in ("suspended", "removed"):
        return f"they are {person.state}"
    if event == "pending_invitation":
        return "" if person.state == "invited" else "there is no open invitation"
    return "they have not accepted the invitation yet" if person.state == "invited" else ""


def notice_of(person: MailPerson, event: Event, days: int) -> Notice | None:
    """What this notice is for this person, whatever the day; None: they have nothing that it could speak of."""
    match event:
        case "before_expiry" | "expired" | "after_expiry":
            return None if person.expires_on is None else _about_expiry(person, event, days, person.expires_on)
        case "pending_invitation":
            began = person.invited_on
            return None if began is None else _from(person, event, days, began + timedelta(days=days), began)
        case "welcome":
            began = person.subscribed_on
            return None if began is None else _from(person, event, days, began, "first")
        case "subscription_changed" | "access_restored":
            change = person.change
            if change is None or change.restored != (event == "access_restored"):
                return None
            return _from(person, event, days, change.on, change.id)


def _about_expiry(person: MailPerson, event: Event, days: int, last_day: date) -> Notice:
    if event == "before_expiry":
        notice = _from(person, event, days, last_day - timedelta(days=days), last_day)
        return notice._replace(last=min(notice.last, last_day))
    # The last day itself is one of access.
    return _from(person, event, days, last_day + timedelta(days=max(days, 1)), last_day)


def _from(person: MailPerson, event: Event, days: int, first: date, about: date | int | str) -> Notice:
    return Notice(event, days, notice_key(person.id, event, days, about), first, first + CATCH_UP)


def _of_person(
    person: MailPerson,
    moments: Iterable[tuple[Event, int]],
    offered: Templates,
    done: Collection[str],
    today: date,
) -> Iterator[Due]:
    notices: dict[Series, list[Notice]] = {"news": [], "invitation": [], "expiry": []}
    for event, days in moments:
        if not barred(person, event) and (notice := notice_of(person, event, days)):
            notices[SERIES[event]].append(notice)
    reader = Reader(person.language, person.products, person.plan_id)
    told = date.min
    for series, of_series in notices.items():
        overtaken = max((notice.first for notice in of_series if notice.key in done), default=date.min)
        if series == "expiry":
            # Who has just heard until when they have access needs no reminder of it from before.
            overtaken = max(overtaken, told)
        timely = [
            (notice, template)
            for notice in of_series
            if overtaken < notice.first <= today <= notice.last
            and notice.key not in done
            and (template := offered.best(notice.event, notice.days, reader))
        ]
        if timely:
            latest, template = max(timely, key=lambda found: _rank(found[0]))
            yield _due(person, latest, template)
            overtaken = max(overtaken, latest.first)
        if series == "news":
            told = overtaken


def _rank(notice: Notice) -> tuple[int, date, int]:
    return PRECEDENCE.get(notice.event, 0), notice.first, notice.days


def _due(person: MailPerson, notice: Notice, template: MailTemplate) -> Due:
    return Due(
        key=notice.key,
        event=notice.event,
        days=notice.days,
        person_id=person.id,
        name=person.name,
        address=person.address,
        second_address=person.second_address,
        language=template.language,
        template_id=template.id,
        expires_on=person.expires_on,
    )
