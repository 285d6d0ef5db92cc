"""Sends claimed messages: each says that it goes out right before it does, and is closed when there is an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from msgspec import structs

from shared.directory.mailrecords import Claimant, Closing, Opening, Outgoing
from shared.directory.mailroom import Mailroom
from shared.mail.terms import DeliveryState
from shared.outside.errors import OutsideError

from ..clients.letters import Letter
from ..clients.postman import Postman
from .writing import closing_of

LAST_S = 3.0
"""How long a run that is stopped waits for the answer to what it has just sent; a worker that stops has 5 s."""

STOPPED = "the run was stopped before the mail server had answered: it may have arrived"


class NotOurs(Exception):
    """The message is not this attempt's to send any more; it was not sent."""


class Sender:
    """Sends for one attempt of a run."""

    def __init__(self, mailroom: Mailroom, postman: Postman, claimant: Claimant, now: Callable[[], datetime]) -> None:
        self._mailroom = mailroom
        self._postman = postman
        self._claimant = claimant
        self._now = now

    async def close(self, closing: Closing) -> DeliveryState:
        """Write down what became of a message; what it is then. NotOurs."""
        state = await self._mailroom.close(self._claimant, closing, self._now())
        if state is None:
            raise NotOurs
        return state

    async def send(self, outgoing: Outgoing, letter: Letter) -> tuple[Closing, DeliveryState]:
        """Hand a message over, and close it. NotOurs. MailError, DayFull: it was not taken, and will be sent later.

        If this is cancelled while the message goes out, the answer is waited for, for `LAST_S` seconds at most.
        """
        going = _Going(self._mailroom, self._claimant, outgoing, letter)
        task = asyncio.ensure_future(self._hand_over(outgoing, letter, going))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if going.begun:
                await asyncio.wait([task], timeout=LAST_S)
            raise
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _hand_over(self, outgoing: Outgoing, letter: Letter, going: _Going) -> tuple[Closing, DeliveryState]:
        try:
            result = await self._postman.send(letter, going)
        except asyncio.CancelledError:
            if going.begun:
                await self.close(Closing(id=outgoing.id, state="uncertain", answer=STOPPED))
            raise
        except OutsideError as error:
            if going.begun:
                # It was heard, and left to be sent at another time: that is no answer to this message.
                now = self._now()
                await self.close(Closing(id=outgoing.id, state="deferred", answer=error.message, next_at=now))
            raise
        closing = structs.replace(closing_of(outgoing, result, self._now()), subject=letter.subject)
        return closing, await self.close(closing)


class _Going:
    """Says of a message that it goes out; `begun` once it may have."""

    def __init__(self, mailroom: Mailroom, claimant: Claimant, outgoing: Outgoing, letter: Letter) -> None:
        self.begun = False
        self._mailroom = mailroom
        self._claimant = claimant
        self._opening = Opening(id=outgoing.id, subject=letter.subject, message_id=letter.message_id)

    async def __call__(self) -> None:
        if not self.begun and not await self._mailroom.start(self._claimant, self._opening):
            raise NotOurs
        self.begun = True
