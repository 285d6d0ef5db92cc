"""Mail told to a person: as the changes of a plan, and as one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from shared.contracts.reports import Change
from shared.directory.mailrecords import Delivery
from shared.mail.terms import DeliveryState, Due, Event, Kind

from ..door import Result, RunContext, succeeded

MOST_CHANGES = 2_000
"""A plan travels in one message, and a person reads it."""
MOST_NAMES = 10
"""Of people in a sentence."""

CLOSED: tuple[DeliveryState, ...] = ("sent", "deferred", "refused", "uncertain", "dropped")
"""In the order in which they are told."""
ABOUT: Mapping[Event, str] = {
    "expired": "the last day is over",
    "welcome": "the first subscription",
    "subscription_changed": "the subscription has changed",
    "access_restored": "access is back",
}


class Message(Struct, frozen=True, kw_only=True):
    """A message to somebody, before it goes out."""

    name: str
    kind: Kind
    event: Event | None = None
    days: int = 0


def of_due(due: Due) -> Message:
    """A notice that is due."""
    return Message(name=due.name, kind="notice", event=due.event, days=due.days)


def of_delivery(delivery: Delivery) -> Message:
    """A message that is written down."""
    return Message(name=delivery.name, kind=delivery.kind, event=delivery.event, days=delivery.days)


def changes(messages: Iterable[Message]) -> list[Change]:
    """One change a message, numbered from 1. They hold no address: whoever may see runs need not see these."""
    return [
        Change(number=number, action=f"{message.kind} sent", target=message.name, why=_why(message))
        for number, message in enumerate(messages, start=1)
    ]


def summary(counts: Mapping[DeliveryState, int], *, left: int = 0, why_left: str = "") -> str:
    """ "12 sent, 1 deferred; 40 wait: as much mail was sent as a day may have; ..."."""
    told = ", ".join(f"{counts[state]} {state}" for state in CLOSED if counts.get(state))
    rest = f"{left} still to send" + (f": {why_left}" if why_left else "") if left else ""
    return "; ".join(part for part in (told, rest) if part) or "nothing to do"


def rehearsed(run: RunContext, messages: Sequence[Message], count: int) -> Result:
    """How a dry run ends: it tells who would get mail. `messages`: the first of these, or all `count`."""
    shown = messages[:MOST_CHANGES]
    if not shown:
        return succeeded()
    run.plan(changes(shown))
    if count > len(shown):
        run.log(f"The plan shows the first {len(shown)} of {count} messages", "warning")
    names = list(dict.fromkeys(message.name for message in shown))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    told = f"{count} {'message' if count == 1 else 'messages'} would be sent, to {', '.join(names[:MOST_NAMES])}{more}"
    return succeeded(told)


def _why(message: Message) -> str:
    match message.event:
        case None:
            return "a campaign" if message.kind == "campaign" else "somebody tries it out"
        case "before_expiry":
            return f"{_days(message.days)} before the last day" if message.days else "it is the last day"
        case "after_expiry":
            return f"{_days(message.days)} after the last day"
        case "pending_invitation":
            return f"the invitation has been open for {_days(message.days)}"
        case event:
            return ABOUT[event]


def _days(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'}"
