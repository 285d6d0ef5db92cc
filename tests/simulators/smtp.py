"""A mail server that keeps what it takes, and refuses what a real one refuses."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from shared.outside.mail.setup import MailServer, Security
from tests.simulators.smtp_faults import SmtpFaults
from tests.simulators.smtp_session import SmtpSession


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A message that the server has taken: its envelope, its bytes, who was logged in, over which connection."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    username: str
    connection: int

    @property
    def message(self) -> EmailMessage:
        """The message, read by Python's own parser."""
        message = message_from_bytes(self.content, policy=SMTPUTF8)
        assert isinstance(message, EmailMessage)
        return message


class SmtpSimulator:
    """Start it with `async with`.

    `context` is what it shows where it speaks TLS; `passwords` and `opens_by_token` say who may log in, and with
    `methods` it offers other ways to do so than all.
    """

    def __init__(
        self,
        security: Security = "plain",
        *,
        context: ssl.SSLContext | None = None,
        passwords: dict[str, str] | None = None,
        opens_by_token: Callable[[str, str], bool] = lambda username, token: False,
        methods: Iterable[str] = ("PLAIN", "LOGIN", "XOAUTH2"),
        login_required: bool = False,
        takes_utf8: bool = True,
    ) -> None:
        self.host, self.port = "localhost", 0
        self.security = security
        self.passwords = passwords or {}
        self.opens_by_token = opens_by_token
        self.faults = SmtpFaults()
        self.messages: list[Taken] = []
        self.commands: Counter[str] = Counter()
        self.connections = 0
        self.logins: list[str] = []
        """The mechanism of each attempt to log in with a password."""
        self._context = context
        self._options: dict[str, Any] = {
            "enable_SMTPUTF8": takes_utf8,
            "auth_required": login_required,
            "auth_require_tls": security == "starttls",
            "auth_exclude_mechanism": {"PLAIN", "LOGIN", "XOAUTH2"} - set(methods),
            "authenticator": self._authenticate,
            "tls_context": context if security == "starttls" else None,
            "require_starttls": security == "starttls",
        }
        self._sessions: dict[SmtpSession, int] = {}
        self._server: asyncio.Server | None = None
        self._ids = 0

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._sessions)

    def set_up(self, **more: Any) -> MailServer:
        """How a client would be set up to send by this server; without a log-in, unless told."""
        given: dict[str, Any] = {"login": "none", "sender": "house@example.org", "security": self.security, **more}
        return MailServer(host=self.host, port=self.port, **given)

    async def come_up(self) -> None:
        """Listen; again on the port it had."""
        self._server = await asyncio.get_running_loop().create_server(
            self._session, "127.0.0.1", self.port, ssl=self._context if self.security == "tls" else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_down(self) -> None:
        """Die: cut every connection and refuse new ones. What was taken is kept, and faults are forgotten."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        self.faults.clear()
        for session in list(self._sessions):
            await session.end()
        await server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()

    def connected(self, session: SmtpSession) -> None:
        """A client has come, or has finished STARTTLS."""
        if session not in self._sessions:
            self.connections += 1
            self._sessions[session] = self.connections

    def disconnected(self, session: SmtpSession) -> None:
        """A client has gone."""
        self._sessions.pop(session, None)

    def next_id(self) -> int:
        """Another message's number."""
        self._ids += 1
        return self._ids

    def take(self, session: SmtpSession, state: Session, envelope: Envelope, content: bytes) -> None:
        """Keep a message: from now on it is delivered."""
        login: object = state.auth_data
        self.messages.append(
            Taken(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=content,
                username=login.login.decode() if isinstance(login, LoginPassword) else "",
                connection=self._sessions[session],
            )
        )

    def _session(self) -> SmtpSession:
        return SmtpSession(self, loop=asyncio.get_running_loop(), **self._options)

    def _authenticate(
        self, server: object, session: Session, envelope: Envelope, mechanism: str, shown: LoginPassword
    ) -> AuthResult:
        self.logins.append(mechanism)
        right = self.passwords.get(shown.login.decode())
        success = right is not None and right.encode() == shown.password
        return AuthResult(success=success, handled=False, auth_data=shown)
