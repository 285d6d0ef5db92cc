"""Passwords as Argon2id hashes (RFC 9106), worked out in a thread, a few at a time since each takes 64 MB."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_AT_ONCE = 2
SHORTEST = 10
LONGEST = 1000

_hasher = PasswordHasher()
_alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_password(length: int = 24) -> str:
    """A random password without letters that look alike."""
    return "".join(secrets.choice(_alphabet) for _ in range(length))


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(MOST_AT_ONCE)
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        async with self._turn:
            return await asyncio.to_thread(_hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. For an account that is not there (None) it takes as long to say no."""
        if kept is None and not self._nobodys:
            self._nobodys = await self.hash(make_password())
        async with self._turn:
            right = await asyncio.to_thread(_verify, kept or self._nobodys, password)
        return right and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
