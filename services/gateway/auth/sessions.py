"""Sessions: a random token in a cookie, its SHA-256 in Postgres."""

from __future__ import annotations

import secrets
from datetime import timedelta

from shared.runtime.clock import utc_now

from ..store import accounts
from ..store.database import Database
from .callers import Caller, Recent, key_of

LASTS = timedelta(days=30)


class Sessions:
    """The open sessions. One that another gateway ends goes on here for at most `KEPT_S` seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent = Recent()

    async def open(self, account: str) -> str:
        """A new session; its token."""
        token = secrets.token_urlsafe(32)
        await accounts.open_session(self._database, key_of(token), account, utc_now() + LASTS)
        return token

    async def find(self, token: str) -> Caller | None:
        """Whose session this is; None when it has ended, or never was."""
        caller = await self._recent.find(token, self._ask)
        return None if caller is None or caller.has_ended(utc_now()) else caller

    async def of(self, key: bytes) -> Caller | None:
        """Whose open session it is of which we know only the token's hash."""
        return await self._ask(key)

    async def end(self, token: str) -> None:
        """Log out."""
        try:
            await accounts.end_session(self._database, key_of(token))
        finally:
            self._recent.forget(token)

    def forget(self) -> None:
        """Ask Postgres again for every session: an account has changed."""
        self._recent.forget_all()

    async def _ask(self, key: bytes) -> Caller | None:
        session = await accounts.find_session(self._database, key)
        if session is None:
            return None
        return Caller(
            name=session.account,
            account=session.account,
            role=session.role,
            expires_at=session.expires_at,
            key=key,
            by_token=False,
        )
