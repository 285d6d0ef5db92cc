"""Messages as they go over the wire (RFC 5322), safe from whatever is in a name or a subject."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

from msgspec import Struct

from shared.outside.mail.addresses import Mailbox, mailbox
from shared.outside.mail.setup import MailServer

from .mime import alternatives, block, named, phrase, text_part

MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]{1,200}@[A-Za-z0-9.-]{1,255}>")
WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,900}")


class Letter(Struct, frozen=True, kw_only=True):
    """A message to one person. `message_id` has its angle brackets, and is the same whenever the same is sent again.

    With `unsubscribe`, an address on the web, mail programs offer to unsubscribe by one click (RFC 8058).
    """

    to: str
    to_name: str = ""
    subject: str
    text: str
    html: str = ""
    message_id: str
    unsubscribe: str = ""


class Envelope(Struct, frozen=True, kw_only=True):
    """A letter, ready to be handed over. `utf8`: only to a server that takes SMTPUTF8."""

    sender: Mailbox
    recipient: Mailbox
    utf8: bool
    content: bytes


def sealed(letter: Letter, server: MailServer, at: datetime) -> Envelope:
    """Write the letter out. BadAddress: its address is none. ValueError: its Message-ID or link can't be sent."""
    sender, recipient = mailbox(server.sender), mailbox(letter.to)
    headers = {
        "From": named(server.sender_name, sender),
        "To": named(letter.to_name, recipient),
        "Subject": phrase(letter.subject),
        "Date": format_datetime(at),
        "Message-ID": _checked(MESSAGE_ID, letter.message_id, "Message-ID"),
        # RFC 3834: nobody's out-of-office reply is wanted.
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    if server.reply_to:
        headers["Reply-To"] = str(mailbox(server.reply_to))
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{_checked(WEB_ADDRESS, letter.unsubscribe, 'link to unsubscribe')}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = text_part("plain", letter.text)
    about, body = alternatives(text, text_part("html", letter.html)) if letter.html else text
    return Envelope(
        sender=sender,
        recipient=recipient,
        # Also for an address that only stands in a header.
        utf8=not all(value.isascii() for value in headers.values()),
        content=block(headers | about, body),
    )


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"The {what} {text!r} has characters, or a length, that it can't have")
    return text
