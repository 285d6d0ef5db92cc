"""Hands letters to the mail server, one after another, at the pace that was set."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from shared.outside.errors import OutsideError
from shared.outside.mail.addresses import BadAddress
from shared.outside.mail.answers import Answer
from shared.outside.mail.conversation import Conversation, Patience
from shared.outside.mail.errors import ConnectionLost, MailError
from shared.outside.mail.keys import Key
from shared.outside.mail.setup import MailServer
from shared.runtime.clock import utc_now
from shared.runtime.metrics import Meter

from . import postman_rules, rules
from .calls import Calls
from .letters import Envelope, Letter, sealed
from .mail_line import MailLine, Upkeep
from .outside import Clock, MonotonicClock
from .postman_rules import CLOSING, LIMIT_CODES, Deferred, Delivered, Pace, Refused, Result, Stage, Tally, Uncertain
from .rules import Manners, Standing

Going = Callable[[], Awaitable[None]]
"""Called right before a message goes out: if it raises, nothing does. If an old connection ends just then, it is
called again for the same message, on a new one."""


class DayFull(OutsideError):
    """The day's limit is used up; there is room again at `until`. The letter was not sent."""

    code = "mail_day_full"

    def __init__(self, until: datetime) -> None:
        super().__init__(f"As much mail was sent as a day may have; there is room again at {until:%Y-%m-%d %H:%M} UTC")
        self.until = until


class Postman:
    """Sends by one mail server. Enter it with `async with`; any number of tasks may then `send` at the same time.

    `tally` is what was sent within the last day, by whomever; `trust` is for certificates of an authority of one's own.
    """

    def __init__(
        self,
        server: MailServer,
        key: Key | None = None,
        *,
        pace: Pace | None = None,
        tally: Tally | None = None,
        upkeep: Upkeep | None = None,
        patience: Patience | None = None,
        calls: Calls | None = None,
        trust: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.tally = tally or Tally()
        self._server = server
        self._pace = pace or Pace()
        self._manners = Manners(gap=postman_rules.gap(self._pace))
        self._clock = clock or MonotonicClock()
        self._now = now
        self._standing = Standing()
        self._calls = calls or Calls(Meter(), "smtp", server.host)
        self._one_at_a_time = asyncio.Lock()
        self._line = MailLine(
            server,
            key,
            upkeep=upkeep or Upkeep(),
            patience=patience or Patience(),
            trust=trust,
            clock=self._clock,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.hang_up()

    async def send(self, letter: Letter, going: Going | None = None) -> Result:
        """Hand one letter over, in its turn, and tell what became of it.

        MailError, DayFull: it was not handed over, through no fault of its own; others would fare no better now.
        If this is cancelled after `going` was called, it may have been taken.
        """
        try:
            envelope = sealed(letter, self._server, self._now())
        except BadAddress as error:
            return Refused(said=str(error))
        async with self._one_at_a_time:
            await self._turn()
            try:
                with self._calls.one() as call:
                    result = await self._deliver(envelope, going)
                    call.status = "ok" if isinstance(result, Delivered) else type(result).__name__.lower()
            except BaseException:
                # Nobody knows how far the conversation got.
                self._line.hang_up()
                raise
            if isinstance(result, Delivered | Uncertain):
                self.tally = postman_rules.counted(self.tally, self._now())
            return result

    async def _turn(self) -> None:
        if until := postman_rules.full_until(self._pace, self.tally, self._now()):
            raise DayFull(until)
        now = self._clock.now()
        self._standing, turn = rules.booked(self._standing, self._manners, now)
        if turn > now:
            await self._clock.sleep(turn - now)

    async def _deliver(self, envelope: Envelope, going: Going | None) -> Result:
        host = self._server.host
        while True:
            conversation, fresh = await self._line.take()
            if envelope.utf8 and not conversation.takes_utf8:
                self._line.put_back(finished=True)
                return Refused(said=f"{host} takes no addresses with letters beyond ASCII (SMTPUTF8)")
            try:
                stage, said = await _handed_over(conversation, envelope, going)
            except ConnectionLost as lost:
                self._line.hang_up()
                if lost.handed_over:
                    return Uncertain(said=f"{host} had all of the message, but {lost.why}")
                if fresh:
                    return Deferred(said=f"{host} did not hear the message out: {lost.why}")
                continue
            if said.code != CLOSING:
                self._line.put_back(finished=stage == "content" and said.good)
                return self._result(stage, said)
            self._line.hang_up()
            if fresh:
                return self._result(stage, said)
            # It has had enough of an old connection, not of this letter.

    def _result(self, stage: Stage, said: Answer) -> Result:
        match postman_rules.verdict(stage, said):
            case "taken":
                return Delivered(said=str(said))
            case "refused":
                return Refused(said=str(said), code=said.code)
            case "deferred":
                return Deferred(said=str(said), code=said.code)
            case "unusable":
                raise MailError(
                    f"{self._server.host} takes no mail from {self._server.sender} now ({said})",
                    step="sender",
                    answer=said,
                    transient=said.passing or said.enhanced in LIMIT_CODES,
                )


async def _handed_over(conversation: Conversation, envelope: Envelope, going: Going | None) -> tuple[Stage, Answer]:
    """The last answer, and to what it was given. ConnectionLost."""
    said = await conversation.sender(envelope.sender, utf8=envelope.utf8)
    if not said.good:
        return "sender", said
    said = await conversation.recipient(envelope.recipient)
    if not said.good:
        return "recipient", said
    said = await conversation.invitation()
    if not said.good:
        return "content", said
    if going is not None:
        await going()
    return "content", await conversation.content(envelope.content)
