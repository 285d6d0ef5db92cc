"""What a connection that failed means, in words for a person."""

from __future__ import annotations

import socket
import ssl

from aiosmtplib import SMTPServerDisconnected

from .errors import MailError
from .setup import MailServer

# OpenSSL's X509_V_ERR_*
EXPIRED, NOT_YET_VALID = 10, 9
OTHER_NAME = frozenset({62, 64})


def unreached(server: MailServer, error: BaseException) -> MailError:
    """The error that stands for what opening a connection raised."""
    match error.__cause__ or error:
        case ssl.SSLCertVerificationError() as cause:
            return distrusted(server, cause)
        case ssl.SSLError():
            return MailError(
                f"{server.host} does not speak TLS on port {server.port} from the start: "
                "choose STARTTLS, or the port for TLS (465)",
                step="tls",
                transient=False,
            )
        case socket.gaierror() | UnicodeError():
            return MailError(f"There is no mail server called {server.host}: is its name spelled rightly?", step="name")
        case TimeoutError() | ConnectionAbortedError():
            why = (
                f"nothing came back from port {server.port} in time: is the port right? "
                "465 is for TLS, 587 for STARTTLS; 25 is often blocked on the way"
            )
        case SMTPServerDisconnected() | ConnectionResetError():
            why = "it hung up without a greeting"
        case _:
            # One error, or those of all addresses in one text.
            why = f"nothing listens on port {server.port}: is it running, and is the port right?"
    return MailError(f"{server.host} can't be reached: {why}", step="connection")


def distrusted(server: MailServer, error: ssl.SSLCertVerificationError) -> MailError:
    """The error for a certificate that does not prove who the server is."""
    if error.verify_code == EXPIRED:
        why = "has expired: it has to be renewed there"
    elif error.verify_code == NOT_YET_VALID:
        why = "is not valid yet: is the clock right, here and there?"
    elif error.verify_code in OTHER_NAME:
        why = "is for another name: enter the name that stands in the certificate"
    else:
        why = (
            "is not signed by anybody this machine trusts: it needs one that is, or its authority has to be added here"
        )
    return MailError(f"The certificate of {server.host} {why}", step="tls", transient=False)
