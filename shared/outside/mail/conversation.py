"""A conversation with a mail server that has let us in. A lost connection is its only error."""

from __future__ import annotations

import re

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from msgspec import Struct

from .addresses import Mailbox
from .answers import Answer, answer
from .errors import ConnectionLost

INVITED = 354
LEADING_DOT = re.compile(rb"(?m)^\.")


class Patience(Struct, frozen=True, kw_only=True):
    """Seconds to wait for a connection, for an answer, and for the answer to a message.

    RFC 5321, section 4.5.3.2, asks for ten minutes for the last one: a server may be about to say that it took it.
    """

    connection: float = 20.0
    answer: float = 60.0
    acceptance: float = 600.0


class Conversation:
    """One connection, greeted, secured and logged in to. Made by `open_conversation`."""

    def __init__(self, smtp: SMTP, *, patience: Patience, method: str) -> None:
        self._smtp = smtp
        self._patience = patience
        self.method = method
        """How we logged in: "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2" or ""."""

    @property
    def is_open(self) -> bool:
        """Whether nobody has hung up, as far as we know."""
        return self._smtp.is_connected

    @property
    def takes_utf8(self) -> bool:
        """Whether addresses may have letters beyond ASCII before the @."""
        return self._smtp.supports_extension("smtputf8")

    @property
    def tls(self) -> str:
        """The version of TLS that it is encrypted with ("TLSv1.3"), or "" if it is not."""
        tunnel = self._smtp.get_transport_info("ssl_object") if self.is_open else None
        return (tunnel.version() or "") if tunnel else ""

    async def sender(self, sender: Mailbox, *, utf8: bool = False) -> Answer:
        """Begin a message that comes from `sender`. ConnectionLost."""
        return await self._ask(b"MAIL", f"FROM:<{sender}>".encode(), *([b"SMTPUTF8"] if utf8 else []))

    async def recipient(self, recipient: Mailbox) -> Answer:
        """Say whom the message is for. ConnectionLost."""
        return await self._ask(b"RCPT", f"TO:<{recipient}>".encode())

    async def invitation(self) -> Answer:
        """Ask to be heard. If the answer is good, only the message may follow. ConnectionLost."""
        said = await self._ask(b"DATA")
        if said.good and said.code != INVITED:
            raise ConnectionLost(f"it answered with what is no answer: {said}")
        return said

    async def content(self, message: bytes) -> Answer:
        """Hand the message over; its lines end in CRLF. ConnectionLost, which tells whether all of it was sent."""
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            raise ConnectionLost("it hung up before the message")
        protocol.write(LEADING_DOT.sub(b"..", message) + b".\r\n")
        try:
            said = await protocol.read_response(timeout=self._patience.acceptance)
        except SMTPResponseException as error:
            raise ConnectionLost(f"it answered with what is no answer: {error.message}", handed_over=True) from None
        except (SMTPException, OSError) as error:
            raise ConnectionLost(_why(error), handed_over=True) from None
        return answer(said.code, said.message)

    async def reset(self) -> Answer:
        """Forget the message that was begun; also shows whether the server is still there. ConnectionLost."""
        return await self._ask(b"RSET")

    def close(self) -> None:
        """Say goodbye and hang up, without waiting for a server that may be gone."""
        if self.is_open and self._smtp.protocol is not None:
            self._smtp.protocol.write(b"QUIT\r\n")
        self._smtp.close()

    async def _ask(self, *words: bytes) -> Answer:
        try:
            said = await self._smtp.execute_command(*words, timeout=self._patience.answer)
        except SMTPResponseException as error:
            raise ConnectionLost(f"it answered with what is no answer: {error.message}") from None
        except (SMTPException, OSError) as error:
            raise ConnectionLost(_why(error)) from None
        return answer(said.code, said.message)


def _why(error: Exception) -> str:
    return "it did not answer in time" if isinstance(error, TimeoutError) else "it hung up"
