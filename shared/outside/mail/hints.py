"""What to do about an answer that many servers give, each in its own words."""

from __future__ import annotations

from collections.abc import Mapping

from .answers import Answer

LOGIN_HINTS: Mapping[str, str] = {
    # Google, "Gmail SMTP errors and codes"
    "5.7.9": "it wants an app password, or a log-in by consent (OAuth)",
    # Microsoft, "Enable or disable authenticated client SMTP submission in Exchange Online"
    "5.7.139": "its administrator has to allow authenticated SMTP for this mailbox",
    # RFC 4954, section 6
    "5.7.11": "it takes log-ins only when the connection is encrypted: choose STARTTLS or TLS",
}

NOT_YET = 530
"""A log-in has to come first (RFC 4954, section 6), or STARTTLS, which is then named (RFC 3207, section 4)."""


def login_hint(answer: Answer, *, by_consent: bool) -> str:
    """How to mend a log-in that was refused so."""
    usual = "consent again" if by_consent else "correct the user name or the password"
    return LOGIN_HINTS.get(answer.enhanced, usual)


def sender_hint(answer: Answer) -> str:
    """How to mend a sender that was refused so."""
    if answer.code != NOT_YET:
        return "use an address that this account may send from"
    return "choose STARTTLS" if "STARTTLS" in answer.text.upper() else "log in"
