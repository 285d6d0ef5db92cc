"""A look at a mail server: does it let us in, and would it take a message? None is sent."""

from __future__ import annotations

import ssl
import time

from msgspec import Struct

from .addresses import Mailbox, mailbox
from .conversation import Conversation, Patience
from .errors import ConnectionLost, MailError, Step
from .hints import sender_hint
from .keys import Key
from .opening import open_conversation
from .setup import MailServer


class MailCheck(Struct, frozen=True, kw_only=True):
    """A server that is well: how it is encrypted ("TLSv1.3" or ""), how we logged in, and how long all of it took."""

    tls: str
    method: str
    takes_utf8: bool
    latency_ms: float


async def check_mail(
    server: MailServer,
    key: Key | None = None,
    *,
    recipient: str = "",
    trust: ssl.SSLContext | None = None,
    patience: Patience | None = None,
) -> MailCheck:
    """Go through every step of sending but the message. MailError: the step that fails, and how to mend it.

    Without a `recipient`, none is named to the server. BadAddress: the recipient's is none.
    """
    addressee = mailbox(recipient) if recipient else None
    began = time.perf_counter()
    conversation = await open_conversation(server, key, trust=trust, patience=patience)
    try:
        await _rehearse(server, conversation, addressee)
        return MailCheck(
            tls=conversation.tls,
            method=conversation.method,
            takes_utf8=conversation.takes_utf8,
            latency_ms=round((time.perf_counter() - began) * 1000, 1),
        )
    finally:
        conversation.close()


async def _rehearse(server: MailServer, conversation: Conversation, addressee: Mailbox | None) -> None:
    step: Step = "sender"
    sender = mailbox(server.sender)
    utf8 = conversation.takes_utf8 and (sender.needs_utf8 or (addressee is not None and addressee.needs_utf8))
    try:
        said = await conversation.sender(sender, utf8=utf8)
        if said.good and addressee:
            step = "recipient"
            said = await conversation.recipient(addressee)
        if said.good:
            await conversation.reset()
            return
    except ConnectionLost as lost:
        raise MailError(f"{server.host} broke off the conversation: {lost.why}", step=step) from None
    if step == "sender":
        whom, mend = f"mail from {server.sender}", sender_hint(said)
    else:
        whom, mend = f"mail for {addressee}", "is the address right, and may this account send to others?"
    if said.passing:
        mend = "try again later"
    raise MailError(f"{server.host} takes no {whom} ({said}): {mend}", step=step, answer=said, transient=said.passing)
