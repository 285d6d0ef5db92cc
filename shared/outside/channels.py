"""Channels for alerts: Discord, Telegram, ntfy and a hundred others, by apprise (https://appriseit.com).

ChannelError
├── BadAddress       apprise can't make anything of the address
└── NotTaken         the service did not take the message; the message says why, without the address

apprise is imported when it is first needed: it is big, and many never need it. All of this blocks.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from shared.runtime.secrets import Secret

if TYPE_CHECKING:
    from apprise import NotifyBase

Tone = Literal["info", "success", "warning", "failure"]

HOW_TO = "write it as https://appriseit.com/services/ says, such as discord://id/token or ntfy://ntfy.sh/topic"
LONGEST_S = 20.0
SHORTEST_SECRET = 4
_SEPARATORS = re.compile(r"[/:@?&=,#]+")


class ChannelError(Exception):
    """The channel can't be used; the message says why, and never holds the address."""


class BadAddress(ChannelError):
    """It is no address of a service that apprise knows."""


class NotTaken(ChannelError):
    """The service could not be reached, or refused the message."""


def service_of(address: Secret) -> str:
    """What an address leads to, such as Discord; nothing is sent. BadAddress."""
    return str(_opened(address).service_name)


def send(address: Secret, title: str, text: str, tone: Tone) -> None:
    """Send a message, as plain text. BadAddress; NotTaken.

    A service that has not answered after `LONGEST_S` is given up; it may still take the message.
    """
    from apprise import Apprise, NotifyFormat, NotifyType

    lines: list[str] = []
    _said.set(lines)
    # By itself a service lets through whatever goes wrong in it; as one of many, be they only one, it does not.
    all_one = Apprise(_opened(address))
    if not all_one.notify(body=text, title=title, notify_type=NotifyType(tone), body_format=NotifyFormat.TEXT):
        why = "; ".join(lines) or "it was not taken, and no reason was given"
        raise NotTaken(without_secrets(why, address))


def without_secrets(text: str, address: Secret) -> str:
    """The text without any part of the address: hosts, names and paths of such an address are keys as often as not."""
    whole = address.reveal().partition("://")[2]
    parts = {part for given in (whole, unquote(whole)) for part in _SEPARATORS.split(given)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            text = re.sub(re.escape(part), "…", text, flags=re.IGNORECASE)
    return text


def _opened(address: Secret) -> NotifyBase:
    from apprise import Apprise, AppriseAsset, NotifyBase

    _hush()
    # Otherwise messages show pictures that are fetched from apprise's own site.
    asset = AppriseAsset(
        app_id="Showrunner",
        app_desc="Showrunner",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        service_timeout=LONGEST_S,
    )
    service = Apprise.instantiate(address.reveal(), asset=asset)
    if not isinstance(service, NotifyBase):
        raise BadAddress(f"This is no address of a service for messages: {HOW_TO}")
    return service


# What went wrong apprise tells to its log alone; its threads have the context of whoever sends.
_said: ContextVar[list[str] | None] = ContextVar("what apprise says", default=None)


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line for whoever sends."""
        if (lines := _said.get()) is not None:
            lines.append(record.getMessage().rstrip("."))


_listener = _Listener(logging.WARNING)


def _hush() -> None:
    """Let nothing of what apprise says come to our log: it may hold parts of addresses."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.handlers = [_listener]
