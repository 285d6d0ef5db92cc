"""The one connection to a mail server that many letters share: opened when needed, asked whether it lives, let go."""

from __future__ import annotations

import asyncio
import ssl

from msgspec import Struct

from shared.outside.mail.conversation import Conversation, Patience
from shared.outside.mail.errors import ConnectionLost
from shared.outside.mail.keys import Key
from shared.outside.mail.opening import open_conversation
from shared.outside.mail.setup import MailServer

from .outside import Clock


class Upkeep(Struct, frozen=True, kw_only=True):
    """A connection is let go after `most_letters`, or `idle` seconds. Unused for `stale` seconds, it is asked first."""

    most_letters: int = 100
    stale: float = 20.0
    idle: float = 60.0


class MailLine:
    """One server's line; for one letter at a time."""

    def __init__(
        self,
        server: MailServer,
        key: Key | None,
        *,
        upkeep: Upkeep,
        patience: Patience,
        trust: ssl.SSLContext | None,
        clock: Clock,
    ) -> None:
        self._server = server
        self._key = key
        self._upkeep = upkeep
        self._patience = patience
        self._trust = trust
        self._clock = clock
        self._conversation: Conversation | None = None
        self._letters = 0
        self._used_at = 0.0
        self._unfinished = False
        self._alarm: asyncio.TimerHandle | None = None

    async def take(self) -> tuple[Conversation, bool]:
        """A connection that lives and on which no message is begun, and whether it is new. MailError."""
        self._silence()
        if self._conversation is None or not await self._is_usable(self._conversation):
            self.hang_up()
            self._conversation = await open_conversation(
                self._server, self._key, trust=self._trust, patience=self._patience
            )
            self._letters = 0
        self._letters += 1
        return self._conversation, self._letters == 1

    def put_back(self, *, finished: bool) -> None:
        """Keep the connection for the next letter, for a while. Not `finished`: this letter is begun, and not over."""
        if self._letters >= self._upkeep.most_letters:
            self.hang_up()
            return
        self._unfinished = not finished
        self._used_at = self._clock.now()
        self._alarm = asyncio.get_running_loop().call_later(self._upkeep.idle, self.hang_up)

    def hang_up(self) -> None:
        """Let the connection go, if there is one."""
        self._silence()
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close()

    async def _is_usable(self, conversation: Conversation) -> bool:
        if not conversation.is_open:
            return False
        if not self._unfinished and self._clock.now() - self._used_at < self._upkeep.stale:
            return True
        try:
            return (await conversation.reset()).good
        except ConnectionLost:
            return False

    def _silence(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.cancel()
