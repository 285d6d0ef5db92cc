"""What can go wrong with mail, and at which step."""

from __future__ import annotations

from typing import Literal, get_args

from shared.outside.errors import OutsideError

from .answers import Answer

Step = Literal["name", "connection", "tls", "login", "sender", "recipient"]
STEPS: tuple[Step, ...] = get_args(Step)
"""In their order: whoever failed at one has passed those before it."""


class MailError(OutsideError):
    """The server does not do its work, whatever the message: no message was handed over.

    `answer` is what the server said, if it said anything.
    """

    def __init__(self, message: str, *, step: Step, answer: Answer | None = None, transient: bool = True) -> None:
        super().__init__(message, transient=transient)
        self.code = f"mail_{step}"
        self.step: Step = step
        self.answer = answer


class LoginRefused(MailError):
    """The server does not accept what it was shown."""

    def __init__(self, message: str, *, answer: Answer, transient: bool = False) -> None:
        super().__init__(message, step="login", answer=answer, transient=transient)


class ConsentGone(MailError):
    """The account's owner, or time, has taken back the consent to send mail: somebody has to consent again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, step="login", transient=False)
        self.code = "mail_consent_gone"


class ConnectionLost(Exception):
    """The connection ended in the middle. `handed_over`: all of a message had been sent, so it may have been taken."""

    def __init__(self, why: str, *, handed_over: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.handed_over = handed_over
