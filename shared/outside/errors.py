"""What can go wrong with a server of the outside world. None of it is ever taken for an empty answer.

    OutsideError
    ├── Unreachable     no answer: name, connection, certificate, time-out; or it is left alone for a while
    ├── Unauthorized    401 or 403: the token does not open it
    ├── Refused         any other status that is no success
    └── Malformed       an answer that is cut short, does not add up, or is not what such a server says

`transient` tells whether asking again may help. Messages are for people, and never hold a token.
"""

from __future__ import annotations


class OutsideError(Exception):
    """A server did not give what was asked of it. `retry_after`: seconds that it wants to be left alone, if said."""

    code = "outside_error"

    def __init__(self, message: str, *, transient: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.transient = transient
        self.retry_after = retry_after


class Unreachable(OutsideError):
    """It did not answer."""

    code = "unreachable"


class Unauthorized(OutsideError):
    """It does not accept the token, or the token does not allow this."""

    code = "unauthorized"

    def __init__(self, message: str) -> None:
        super().__init__(message, transient=False)


class Refused(OutsideError):
    """It answered with a `status` that is no success."""

    code = "refused"

    def __init__(self, message: str, *, status: int, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message, transient=transient, retry_after=retry_after)
        self.status = status


class Malformed(OutsideError):
    """Its answer is cut short, contradicts itself, or is not what such a server says."""

    code = "malformed"
