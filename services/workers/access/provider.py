"""What the access worker asks of a media server, whatever its kind: to look at accounts, to change them, to invite."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from shared.outside.errors import OutsideError

from .presence import Present, Wish


class ChangedMeanwhile(Exception):
    """The account is not as it was when the change was decided, so nothing was changed; it is `present`."""

    def __init__(self, message: str, present: Present) -> None:
        super().__init__(message)
        self.present = present


class Untouchable(Exception):
    """The account is the server's owner's or an administrator's, so nothing was changed."""


class HalfDone(OutsideError):
    """Plex: a share was ended to be made anew, and that failed: the account has nothing until it is tried again."""

    code = "half_done"


class Provider(Protocol):
    """One server, reached and identified. All methods raise OutsideError: what is wrong; nothing then is an answer."""

    async def look(self, accounts: Collection[str]) -> Mapping[str, Present]:
        """How these accounts (outside ids) are now; one that is not there any more is `removed`."""
        ...

    async def apply(self, account: str, before: Present, wish: Wish) -> Present:
        """Make an account have what is wished, and tell how it is then. Nothing is sent if it is so already.

        ChangedMeanwhile: it is not as it was `before`. Untouchable. HalfDone.
        """
        ...

    async def invite(self, email: str, libraries: frozenset[str]) -> tuple[str, Present]:
        """Plex: share with somebody by e-mail. Gives the outside id by which a sync will know them, and how they are.

        Whoever has a share or an invitation already is found, and left as they are. Untouchable: the owner.
        ValueError: no libraries, which plex.tv would take for all; or a server that knows no invitations.
        """
        ...
