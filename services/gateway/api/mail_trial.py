"""Looking at a message before others get it: on the page, or as mail to oneself."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, structs

from shared.directory.deliveries import Trial
from shared.directory.mailrecords import Delivery
from shared.mail.composing import composed
from shared.mail.rendering import BadTemplate, TemplateFault, check
from shared.mail.terms import DaysAway, Event, Language, MailPerson, MailPolicy, Message, Product, Words
from shared.mail.unsubscribing import link_for
from shared.mail.variables import made_up
from shared.outside.mail.addresses import mailbox
from shared.runtime.clock import utc_now

from ..auth.origin import own_origin
from ..store.database import outages_named
from .deciding import today
from .route import Call

NOBODY = UUID(int=0)


class PreviewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of a template, or (without `event`) of a campaign, and for whom to write them.

    Without `person_id` they are for somebody made up. `provider` is the template's.
    """

    event: Event | None = None
    days: DaysAway = 0
    language: Language = "en"
    provider: Product | None = None
    person_id: UUID | None = None
    subject: Annotated[str, Meta(max_length=500)] = ""
    text: Annotated[str, Meta(max_length=50_000)] = ""
    html: Annotated[str, Meta(max_length=200_000)] = ""


class Preview(Struct, frozen=True, kw_only=True):
    """The message as `name` would get it, or (without one) what is wrong with its words."""

    name: str
    message: Message | None
    faults: tuple[TemplateFault, ...] = ()


class TrialBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to send it; it is written for this person, or for somebody made up."""

    address: str
    person_id: UUID | None = None

    def __post_init__(self) -> None:
        mailbox(self.address)


async def preview_message(call: Call, body: PreviewBody) -> Preview:
    """A message as somebody would get it."""
    room = call.gateway.mailroom
    with outages_named():
        policy = await room.policy()
        person = made_up(body.event, today(call), body.days)
        if body.person_id is not None:
            person = await room.person_for_mail(body.person_id, utc_now())
    way_out = ""
    if body.event is None:
        # A link that unsubscribes nobody: whoever looks at a preview may follow it.
        address = policy.public_url or own_origin(call.request.headers, call.request.scheme)
        way_out = link_for(NOBODY, room.unsubscribe_key, address)
    return await asyncio.to_thread(_written, call, body, person, policy, way_out)


async def planned(call: Call, trial: Trial) -> Delivery:
    """Have a message sent to one address, and recorded."""
    room = call.gateway.mailroom
    with outages_named():
        if trial.person_id is not None:
            await room.person_for_mail(trial.person_id, utc_now())
        delivery = await room.delivery(await room.plan_trial(trial, call.by, utc_now()))
    await call.record("delivery.test", str(delivery.id), None, structs.asdict(trial))
    return delivery


def _written(call: Call, body: PreviewBody, person: MailPerson, policy: MailPolicy, way_out: str) -> Preview:
    words = Words(subject=body.subject, text=body.text, html=body.html)
    if faults := check(words, body.event):
        return Preview(name=person.name, message=None, faults=faults)
    try:
        message = composed(
            words,
            person,
            policy,
            today(call),
            language=body.language,
            product=body.provider,
            unsubscribe_url=way_out,
        )
    except BadTemplate as error:
        return Preview(name=person.name, message=None, faults=error.faults)
    return Preview(name=person.name, message=message)
