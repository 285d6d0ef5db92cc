"""Logging in to a mail server (RFC 4954), by one method that it offers."""

from __future__ import annotations

from aiosmtplib import SMTP, SMTPAuthenticationError

from shared.runtime.secrets import Secret

from .answers import Answer, answer
from .errors import LoginRefused, MailError
from .hints import login_hint
from .setup import MailServer

PASSWORD_METHODS = ("plain", "login", "cram-md5")
CONSENT_METHODS = ("xoauth2",)
"""Google's own (developers.google.com/gmail/imap/xoauth2-protocol); Microsoft took it over."""


async def log_in(smtp: SMTP, server: MailServer, secret: Secret) -> str:
    """Log in, and tell by which method. LoginRefused; MailError: no method of ours is offered.

    Only one is tried: to show a wrong password once more by another method may lock the account.
    """
    wanted = CONSENT_METHODS if server.login == "oauth" else PASSWORD_METHODS
    method = next((method for method in wanted if method in smtp.server_auth_methods), "")
    try:
        match method:
            case "xoauth2":
                await smtp.auth_xoauth2(server.username, secret.reveal())
            case "plain":
                await smtp.auth_plain(server.username, secret.reveal())
            case "login":
                await smtp.auth_login(server.username, secret.reveal())
            case "cram-md5":
                await smtp.auth_crammd5(server.username, secret.reveal())
            case _:
                raise _not_offered(server, smtp.server_auth_methods)
    except SMTPAuthenticationError as error:
        raise _refused(server, answer(error.code, error.message)) from None
    return method.upper()


def _not_offered(server: MailServer, offered: list[str]) -> MailError:
    kind = "by consent (XOAUTH2)" if server.login == "oauth" else "with a password"
    if offered:
        mend = f"only by {', '.join(offered).upper()}: choose another way to log in"
    elif server.security == "plain":
        mend = "not while nothing is encrypted: choose STARTTLS or TLS"
    else:
        mend = "nor any other: choose to send without one"
    return MailError(f"{server.host} offers no log-in {kind}, {mend}", step="login", transient=False)


def _refused(server: MailServer, said: Answer) -> LoginRefused:
    if said.passing:
        return LoginRefused(f"{server.host} takes no log-in just now ({said})", answer=said, transient=True)
    hint = login_hint(said, by_consent=server.login == "oauth")
    return LoginRefused(f"{server.host} does not accept the log-in ({said}): {hint}", answer=said)
