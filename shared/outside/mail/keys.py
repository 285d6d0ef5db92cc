"""What opens a mail server: a password, or an access token that has to be renewed."""

from __future__ import annotations

from typing import Protocol

from shared.runtime.secrets import Secret


class Key(Protocol):
    """Gives what to log in with."""

    async def give(self) -> Secret:
        """The password or access token to show now. MailError: there is none to be had."""

    def renew(self) -> bool:
        """What was given was not accepted: whether `give` will now give another."""


class Password:
    """A password is what it is."""

    def __init__(self, password: Secret) -> None:
        self._password = password

    async def give(self) -> Secret:
        """The password."""
        return self._password

    def renew(self) -> bool:
        """There is no other."""
        return False
