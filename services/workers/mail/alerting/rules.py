"""What an alert says, and what becomes of one that was not taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.directory.alertrecords import Alert, AlertClosing, AlertKind, OutgoingAlert

MOST_TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""Each pause is twice the one before: an alert is given up after four hours."""

SAYS: Mapping[AlertKind, str] = {
    "failed": "{title} failed",
    "held": "{title} waits for approval",
    "stuck": "{title} is stuck",
    "recovered": "{title} has recovered",
    "test": "Test of the channel {title}",
}
TONES: Mapping[AlertKind, Literal["info", "success", "warning", "failure"]] = {
    "failed": "failure",
    "held": "warning",
    "stuck": "warning",
    "recovered": "success",
    "test": "info",
}


class Words(Struct, frozen=True, kw_only=True):
    """An alert as somebody reads it, without any markup."""

    title: str
    text: str


def words(alert: Alert, zone: ZoneInfo, public_url: str) -> Words:
    """What an alert says: what, why, when, and where there is more, if it is known how people reach us."""
    lines = [f"{alert.reason.rstrip('.')}.", f"{alert.at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"]
    if public_url:
        place = f"runs/{alert.run}" if alert.run else "alerts"
        lines.append(f"{public_url.rstrip('/')}/admin/{place}")
    return Words(title=SAYS[alert.kind].format(title=alert.title), text="\n".join(lines))


def not_taken(outgoing: OutgoingAlert, why: str, now: datetime) -> AlertClosing:
    """An alert that was not taken is tried again, each time after a longer pause, and given up in the end."""
    if outgoing.tries >= MOST_TRIES:
        return AlertClosing(id=outgoing.id, channel=outgoing.channel, state="failed", answer=why)
    pause = min(FIRST_PAUSE * 2 ** (outgoing.tries - 1), LONGEST_PAUSE)
    return AlertClosing(id=outgoing.id, channel=outgoing.channel, state="due", answer=why, next_at=now + pause)


def summary(sent: int, troubles: Mapping[str, str]) -> str:
    """ "2 sent; Ops: the reason". `troubles`: by channel, why it did not take an alert."""
    parts = [f"{sent} sent"] if sent or not troubles else []
    return "; ".join([*parts, *(f"{channel}: {why}" for channel, why in sorted(troubles.items()))])
