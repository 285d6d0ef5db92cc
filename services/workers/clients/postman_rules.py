"""What a mail server's answer means for a message, when to try again, and how fast to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from shared.outside.mail.answers import Answer

PAUSES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
LATER_PAUSE = timedelta(days=1)
MOST_TRIES = 10

WANTS_LOGIN = 530  # RFC 4954, section 6
CLOSING = 421  # RFC 5321, section 3.8
SENDER_CODES = frozenset({"5.1.7", "5.1.8"})
"""They speak of the sender, wherever they are said (RFC 3463); Microsoft gives 5.1.8 to who was barred from sending."""
LIMIT_CODES = frozenset({"5.4.5", "5.1.90"})
"""Too much was sent today: Gmail ("Gmail SMTP errors and codes"); Exchange Online ("Sending limits")."""

HOUR = timedelta(hours=1)
HOURS_THAT_COUNT = 25  # a limit counts the last 24 hours, and of the oldest of these only a part has passed

Stage = Literal["sender", "recipient", "content"]
Verdict = Literal["taken", "refused", "deferred", "unusable"]
"""`unusable`: it is no fault of this message, and the next would fare no better."""


class Delivered(Struct, frozen=True, kw_only=True):
    """The server has taken the message, and answers for it from now on. `said`: its words."""

    said: str


class Refused(Struct, frozen=True, kw_only=True):
    """This message will never be taken. `said`: the server's words, or ours (`code` 0) when it was not even asked."""

    said: str
    code: int = 0


class Deferred(Struct, frozen=True, kw_only=True):
    """This message was not taken, but may be at another time: see `next_try`."""

    said: str
    code: int = 0


class Uncertain(Struct, frozen=True, kw_only=True):
    """All of the message was sent, and no answer came: it may have been taken.

    Sending it again may bring it twice, with the same Message-ID, by which many mailboxes show only one.
    """

    said: str


Result = Delivered | Refused | Deferred | Uncertain


class Pace(Struct, frozen=True, kw_only=True):
    """The most messages a minute, evenly spread, and within any 24 hours; None: as fast as it goes."""

    a_minute: int | None = None
    a_day: int | None = None


class Tally(Struct, frozen=True, kw_only=True):
    """How many messages were handed over in each hour; hours are counted from the Unix epoch."""

    hours: Mapping[int, int] = {}


def verdict(stage: Stage, said: Answer) -> Verdict:
    """What an answer means for the message that it was given to."""
    if said.good:
        return "taken"
    if stage == "sender" or said.code == WANTS_LOGIN or said.enhanced in SENDER_CODES | LIMIT_CODES:
        return "unusable"
    return "deferred" if said.passing else "refused"


def next_try(tries: int) -> timedelta | None:
    """How long to wait after so many tries that were deferred, or None: give up."""
    if tries >= MOST_TRIES:
        return None
    return PAUSES[tries - 1] if tries <= len(PAUSES) else LATER_PAUSE


def gap(pace: Pace) -> float:
    """Seconds between the starts of two messages."""
    return 60.0 / pace.a_minute if pace.a_minute else 0.0


def counted(tally: Tally, now: datetime) -> Tally:
    """With one more message, handed over now; hours that no longer count are forgotten."""
    hour = _hour(now)
    kept = {past: count for past, count in tally.hours.items() if past > hour - HOURS_THAT_COUNT}
    return Tally(hours={**kept, hour: kept.get(hour, 0) + 1})


def merged(one: Tally, other: Tally) -> Tally:
    """What two have counted of the same: each may have missed some of it."""
    hours = one.hours.keys() | other.hours.keys()
    return Tally(hours={hour: max(one.hours.get(hour, 0), other.hours.get(hour, 0)) for hour in hours})


def full_until(pace: Pace, tally: Tally, now: datetime) -> datetime | None:
    """When the day's limit leaves room for a message again; None: it does now."""
    if pace.a_day is None:
        return None
    hour = _hour(now)
    counting = sorted((past, count) for past, count in tally.hours.items() if past > hour - HOURS_THAT_COUNT)
    left = sum(count for _, count in counting)
    if left < pace.a_day:
        return None
    for past, count in counting:
        left -= count
        if left < pace.a_day:
            return datetime.fromtimestamp((past + HOURS_THAT_COUNT) * HOUR.total_seconds(), UTC)
    return now + HOUR  # a limit of no message at all


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // HOUR.total_seconds())
