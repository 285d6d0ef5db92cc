"""What the access worker asks of a media server, whatever its kind: to look at accounts, to change them, to invite."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, Protocol

from msgspec import Struct

from shared.outside.errors import OutsideError

PresentState = Literal["active", "pending", "disabled", "removed"]


class Present(Struct, frozen=True, kw_only=True):
    """What an account has on its server now. `observed`: outside ids of libraries that are there; `pending`: an
    invitation is open, so nothing can be seen yet.

    `raw` is the server's own account of it in plain values, for `Wish.restore`; a removed account has none.
    """

    observed: frozenset[str] = frozenset()
    all_libraries: bool = False
    state: PresentState
    raw: Any = None

    def like(self, other: Present) -> bool:
        """Whether the account has the same, whatever else the server says of it."""
        return (self.observed, self.all_libraries, self.state) == (other.observed, other.all_libraries, other.state)


class Wish(Struct, frozen=True, kw_only=True):
    """What an account is to have: these libraries and no others. One that has all of them keeps "all libraries".

    `lock`: whether nobody can log in with it (Jellyfin alone), None leaves that. `restore`: a former `Present.raw` to
    put back as far as its libraries are still there; `libraries` and `lock` do not count then.
    """

    libraries: frozenset[str] = frozenset()
    lock: bool | None = None
    restore: Any = None


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
