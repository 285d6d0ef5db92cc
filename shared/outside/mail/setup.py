"""How the mail server is set up. Its password or refresh token stands beside this, never in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from .addresses import UNSENDABLE, mailbox

Security = Literal["plain", "starttls", "tls"]
"""Nothing is encrypted; encrypted after the greeting (RFC 3207); encrypted from the first byte (RFC 8314)."""
Login = Literal["none", "password", "oauth"]
Port = Annotated[int, Meta(ge=1, le=65535)]

USUAL_PORTS: Mapping[Security, int] = {"plain": 25, "starttls": 587, "tls": 465}


class MailServer(Struct, frozen=True, kw_only=True):
    """The server that takes our mail, and whom it comes from. ValueError, or msgspec's ValidationError: it can't be so.

    `sender` is the address that mail comes from and that errors go to; answers go to `reply_to`, if there is one.
    """

    host: str
    port: Port
    security: Security
    login: Login
    username: str = ""
    sender: str
    sender_name: str = ""
    reply_to: str = ""

    def __post_init__(self) -> None:
        if not self.host or UNSENDABLE.search(self.host):
            raise ValueError("The mail server's name is missing, or has characters that no name has")
        if self.login != "none" and (not self.username or UNSENDABLE.search(self.username)):
            raise ValueError("The user name to log in with is missing, or has characters that none has")
        mailbox(self.sender)
        if self.reply_to:
            mailbox(self.reply_to)
