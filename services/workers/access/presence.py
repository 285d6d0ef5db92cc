"""What an account has on its server now, and what it is to have there, in the server's own names."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

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
