"""How a simulated mail server talks with one client, on aiosmtpd, which speaks the protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, auth_mechanism

from tests.simulators.smtp_faults import Drop, Hold, Moment, Say

if TYPE_CHECKING:
    from tests.simulators.smtp import SmtpSimulator

LONGEST_LOGIN = 12_288  # octets (RFC 4954, section 4)
LONGEST_LINE = 998  # octets of a message's line (RFC 5322, section 2.1.1)
XOAUTH2 = re.compile(rb"user=([^\x01]*)\x01auth=Bearer ([^\x01]+)\x01\x01")
BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")

KEPT = "250 2.0.0 OK"


class SmtpSession(SMTP):
    """One client's connection: aiosmtpd, with the simulator's faults before each command."""

    line_length_limit = LONGEST_LOGIN

    def __init__(self, simulator: SmtpSimulator, **options: Any) -> None:
        with warnings.catch_warnings():
            # It advises against log-ins without encryption, which some servers have all the same.
            warnings.simplefilter("ignore", UserWarning)
            super().__init__(SmtpHooks(simulator), hostname=simulator.host, ident="ESMTP", **options)
        self.command_size_limits["AUTH"] = LONGEST_LOGIN
        self._simulator = simulator

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Also called when STARTTLS is done, for the same connection."""
        self._simulator.connected(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._simulator.disconnected(self)

    async def end(self) -> None:
        """Cut it, and wait until nothing of it runs any more."""
        self.cut()
        if self._handler_coroutine is not None:
            # A connection that is cut while it is being encrypted ends by itself only after a minute.
            self._handler_coroutine.cancel()
            await asyncio.gather(self._handler_coroutine, return_exceptions=True)

    def cut(self) -> None:
        """Break the connection off."""
        for transport in (self._original_transport, self.transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    async def fault(self, moment: Moment, argument: str, taken: Callable[[], None] | None = None) -> str:
        """Let the faults that are due here strike: the answer that one of them gives, or ""."""
        self._simulator.commands[moment] += 1
        for effect in self._simulator.faults.due(moment, argument):
            match effect:
                case Hold(released=released, kept=kept):
                    if kept and taken:
                        taken()
                    await released.wait()
                    if kept:
                        return KEPT
                case Say(answer=answer):
                    return answer
                case Drop(kept=kept):
                    if kept and taken:
                        taken()
                    self.cut()
                    # aiosmtpd cancels us once the connection is gone.
                    await asyncio.Event().wait()
        return ""

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._unless_fault("EHLO", hostname, super().smtp_EHLO)

    async def smtp_AUTH(self, arg: str) -> None:
        await self._unless_fault("AUTH", arg, super().smtp_AUTH)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._unless_fault("MAIL", arg, super().smtp_MAIL)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._unless_fault("RCPT", arg, super().smtp_RCPT)

    async def smtp_RSET(self, arg: str) -> None:
        await self._unless_fault("RSET", arg, super().smtp_RSET)

    async def smtp_DATA(self, arg: str) -> None:
        await self._unless_fault("DATA", arg, super().smtp_DATA)

    async def _unless_fault(self, moment: Moment, arg: str | None, otherwise: Callable[[Any], Any]) -> None:
        if answer := await self.fault(moment, arg or ""):
            await self.push(answer)
            if answer.startswith("421") and self.transport is not None:
                self.transport.close()
        else:
            await otherwise(arg)


class SmtpHooks:
    """What aiosmtpd leaves to who uses it: taking messages, and the log-in by access token."""

    def __init__(self, simulator: SmtpSimulator) -> None:
        self._simulator = simulator

    async def handle_DATA(self, server: SmtpSession, session: Session, envelope: Envelope) -> str:
        """Take a message, unless it is none."""
        content = envelope.original_content or b""
        if BARE_LINE_END.search(content):
            return "550 5.6.11 Bare line ends are not accepted"
        if any(len(line) > LONGEST_LINE for line in content.split(b"\r\n")):
            return "550 5.6.0 Line too long"
        if not envelope.smtp_utf8 and not content.partition(b"\r\n\r\n")[0].isascii():
            return "550 5.6.7 Headers beyond ASCII without SMTPUTF8"
        mail_id = self._simulator.next_id()

        def take() -> None:
            self._simulator.take(server, session, envelope, content)

        if answer := await server.fault("content", ",".join(envelope.rcpt_tos), take):
            return answer
        take()
        return f"250 2.0.0 OK queued as {mail_id}"

    @auth_mechanism("XOAUTH2")
    async def auth_XOAUTH2(self, server: SmtpSession, args: list[str]) -> AuthResult:
        """Google's and Microsoft's: a token that is not accepted gets a challenge first, then the refusal."""
        shown = XOAUTH2.fullmatch(base64.b64decode(args[1])) if len(args) > 1 else None
        if shown and self._simulator.opens_by_token(shown[1].decode(), shown[2].decode()):
            return AuthResult(success=True, auth_data=LoginPassword(shown[1], b""))
        await server.challenge_auth(json.dumps({"status": "400", "schemes": "Bearer", "scope": "https://mail/"}))
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and Password not accepted")
