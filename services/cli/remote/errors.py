"""What can keep a command from being done, each with the exit status that it ends with."""

from __future__ import annotations

from services.cli.exits import FAILED, FORBIDDEN, MISSING, UNREACHABLE


class RemoteError(Exception):
    """The command was not done; the message says why, and how to mend it."""

    status = FAILED


class Refused(RemoteError):
    """The API refused, with a code that programs can rely on."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotReachable(RemoteError):
    """Nobody answers at the address, or what is needed for this is away. Nothing was changed, as far as we know."""

    status = UNREACHABLE


class NotAllowed(RemoteError):
    """Not logged in, or logged in as somebody who may not do this."""

    status = FORBIDDEN


class Missing(RemoteError):
    """There is no such job, run, server or person."""

    status = MISSING
