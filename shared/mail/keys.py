"""What may be sent once, as a key; and the Message-ID that follows from it."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

from shared.outside.mail.addresses import mailbox
from shared.outside.mail.setup import MailServer

from .terms import Event

DIGEST_CHARACTERS = 40


def notice_key(person_id: UUID, event: Event, days: int, about: date | int | str) -> str:
    """A notice; `about` is the date that it speaks of, the number of the change, or what happens once."""
    return f"notice/{person_id}/{event}/{days}/{about}"


def campaign_key(campaign_id: UUID, person_id: UUID) -> str:
    """A campaign's message to one person."""
    return f"campaign/{campaign_id}/{person_id}"


def trial_key(delivery_id: UUID) -> str:
    """A message that somebody sends to themselves."""
    return f"test/{delivery_id}"


def message_id(key: str, server: MailServer) -> str:
    """The Message-ID (RFC 5322, section 3.6.4), with its angle brackets: always the same for the same key."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return f"<{digest}@{mailbox(server.sender).domain}>"
