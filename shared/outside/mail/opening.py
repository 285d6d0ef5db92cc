"""Opening a conversation with a mail server: name, connection, TLS, log-in; each step with an error of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from .answers import answer
from .conversation import Conversation, Patience
from .errors import LoginRefused, MailError, Step
from .keys import Key
from .login import log_in
from .setup import MailServer
from .troubles import distrusted, unreached


async def open_conversation(
    server: MailServer, key: Key | None, *, trust: ssl.SSLContext | None = None, patience: Patience | None = None
) -> Conversation:
    """Go through all steps until messages can be sent. MailError: the step that failed, why, and how to mend it.

    Certificates are always checked: against `trust`, or what the machine trusts. `key` is for servers with a log-in.
    """
    patience = patience or Patience()
    if trust is None:
        trust = await asyncio.to_thread(ssl.create_default_context)
    try:
        return await _opened(server, key, trust, patience)
    except LoginRefused as refusal:
        if refusal.transient or key is None or not key.renew():
            raise
    return await _opened(server, key, trust, patience)


async def _opened(server: MailServer, key: Key | None, trust: ssl.SSLContext, patience: Patience) -> Conversation:
    smtp = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=trust,
        timeout=patience.answer,
        local_hostname="localhost",
    )
    opened = False
    try:
        await _greeted(smtp, server, patience)
        if server.security == "starttls":
            await _encrypted(smtp, server)
        method = "" if server.login == "none" else await _logged_in(smtp, server, key)
        opened = True
    finally:
        if not opened:
            smtp.close()
    return Conversation(smtp, patience=patience, method=method)


async def _greeted(smtp: SMTP, server: MailServer, patience: Patience) -> None:
    try:
        await smtp.connect(timeout=patience.connection)
        smtp.local_hostname = _own_name(smtp)
        await smtp.ehlo()
    except SMTPResponseException as error:
        said = answer(error.code, error.message)
        heard = f"turns us away ({said})" if said.code > 0 else "does not speak SMTP: is the port right?"
        raise MailError(f"{server.host} {heard}", step="connection", answer=said if said.code > 0 else None) from None
    except (SMTPException, OSError, UnicodeError) as error:
        raise unreached(server, error) from None


async def _encrypted(smtp: SMTP, server: MailServer) -> None:
    if not smtp.supports_extension("starttls"):
        raise MailError(
            f"{server.host} offers no STARTTLS on port {server.port}: choose TLS with its port (465)",
            step="tls",
            transient=False,
        )
    with _losses_told(server, "tls"):
        await smtp.starttls()
        await smtp.ehlo()


async def _logged_in(smtp: SMTP, server: MailServer, key: Key | None) -> str:
    if key is None:
        raise MailError(
            f"There is nothing to log in to {server.host} with: enter a password, or give consent",
            step="login",
            transient=False,
        )
    secret = await key.give()
    with _losses_told(server, "login"):
        return await log_in(smtp, server, secret)


@contextmanager
def _losses_told(server: MailServer, step: Step) -> Iterator[None]:
    try:
        yield
    except SMTPResponseException as error:
        said = answer(error.code, error.message)
        raise MailError(f"{server.host} does not go on ({said})", step=step, answer=said) from None
    except ssl.SSLCertVerificationError as error:
        raise distrusted(server, error) from None
    except (SMTPException, OSError) as error:
        why = "did not answer in time" if isinstance(error, TimeoutError) else "hung up"
        where = {"tls": "while the connection was being encrypted", "login": "during the log-in"}.get(step, "")
        raise MailError(f"{server.host} {why} {where}", step=step) from None


def _own_name(smtp: SMTP) -> str:
    # The machine's own name means nothing out there; an address may stand for it (RFC 5321, sections 4.1.3 and 4.1.4).
    address = ip_address(str(smtp.get_transport_info("sockname")[0]).partition("%")[0])
    return f"[IPv6:{address}]" if isinstance(address, IPv6Address) else f"[{address}]"
