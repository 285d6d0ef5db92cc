"""From a claimed delivery to a letter, and from the mail server's answer back to the delivery."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.directory.mailrecords import Closing, Outgoing
from shared.mail.composing import composed
from shared.mail.due import unwanted
from shared.mail.keys import message_id
from shared.mail.rendering import BadTemplate
from shared.mail.terms import MailPerson, MailPolicy
from shared.mail.unsubscribing import link_for
from shared.mail.variables import made_up
from shared.outside.mail.setup import MailServer

from ..clients.letters import Letter
from ..clients.postman_rules import MOST_TRIES, Deferred, Delivered, Refused, Result, Uncertain, next_try

NOBODY = UUID(int=0)
"""Whose link to unsubscribe stands in a trial: a click on it is to unsubscribe nobody."""


class Unsendable(Exception):
    """The message is not to be sent, or not any more; the exception's words say why."""


def written(outgoing: Outgoing, policy: MailPolicy, server: MailServer, today: date, unsubscribe_key: bytes) -> Letter:
    """The letter that goes out for it. Unsendable."""
    person = _reader(outgoing, today)
    if why := _why_not(outgoing, person, today):
        raise Unsendable(why)
    is_campaign = outgoing.kind == "campaign"
    link = ""
    if outgoing.event is None:
        link = link_for(person.id if is_campaign else NOBODY, unsubscribe_key, policy.public_url)
    if outgoing.words is None:
        raise Unsendable("the template or campaign is not there any more")
    try:
        message = composed(
            outgoing.words,
            person,
            policy,
            today,
            language=outgoing.language,
            product=outgoing.product,
            unsubscribe_url=link,
        )
    except BadTemplate as error:
        raise Unsendable(f"it can't be written for this person: {error}") from None
    return Letter(
        to=outgoing.address,
        to_name=outgoing.name,
        subject=message.subject,
        text=message.text,
        html=message.html,
        message_id=outgoing.message_id or message_id(outgoing.key, server),
        unsubscribe=link if is_campaign else "",
    )


def closing_of(outgoing: Outgoing, result: Result, now: datetime) -> Closing:
    """What the server's answer makes of the delivery."""
    match result:
        case Delivered(said=said):
            return Closing(id=outgoing.id, state="sent", answer=said)
        case Refused(said=said):
            return Closing(id=outgoing.id, state="refused", answer=said)
        case Uncertain(said=said):
            return Closing(id=outgoing.id, state="uncertain", answer=said)
        case Deferred(said=said):
            pause = next_try(outgoing.tries + 1)
            if pause is None:
                return Closing(id=outgoing.id, state="refused", answer=f"given up after {MOST_TRIES} tries: {said}")
            return Closing(id=outgoing.id, state="deferred", answer=said, next_at=now + pause)


def _reader(outgoing: Outgoing, today: date) -> MailPerson:
    if outgoing.person is not None:
        return outgoing.person
    if outgoing.kind != "test":
        raise Unsendable("the person is not there any more")
    return made_up(outgoing.event, today, outgoing.days)


def _why_not(outgoing: Outgoing, person: MailPerson, today: date) -> str:
    if not outgoing.address:
        return "there is no e-mail address"
    if outgoing.kind == "campaign":
        # Whoever asks for it to be sent again does not speak for them.
        if person.unsubscribed:
            return "they have unsubscribed"
        return "they are removed" if person.state == "removed" else ""
    if outgoing.kind == "notice" and outgoing.event is not None and not outgoing.asked:
        return unwanted(person, outgoing.event, outgoing.days, outgoing.key, today)
    return ""
