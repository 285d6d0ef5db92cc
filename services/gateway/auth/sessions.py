"""Sessions: a random token in a cookie, its SHA-256 in Postgres, and what was found there kept for some seconds."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from datetime import timedelta

from shared.runtime.clock import utc_now

from ..store import accounts
from ..store.accounts import Session
from ..store.database import Database, DatabaseUnreachable

LASTS = timedelta(days=30)
KEPT_S = 5.0
MOST_KEPT = 10_000


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


class Sessions:
    """The open sessions. One that another process ends goes on here for at most `KEPT_S` seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, tuple[Session, float]] = OrderedDict()

    async def open(self, account: str) -> str:
        """A new session; its token."""
        token = secrets.token_urlsafe(32)
        await accounts.open_session(self._database, token_hash(token), account, utc_now() + LASTS)
        return token

    def known(self, token: str) -> Session | None:
        """The session, if it was found within the last `KEPT_S` seconds: the quick way, without a wait."""
        kept = self._kept.get(token)
        return kept[0] if kept is not None and kept[1] > time.monotonic() else None

    async def find(self, token: str) -> Session | None:
        """The open session with this token; None when there is none (any more).

        While Postgres is away, a session that was found before counts until its end: nobody can have ended it.
        """
        if session := self.known(token):
            return session
        try:
            session = await accounts.find_session(self._database, token_hash(token))
        except DatabaseUnreachable:
            kept = self._kept.get(token)
            if kept is None or kept[0].expires_at <= utc_now():
                raise
            return kept[0]
        self._keep(token, session)
        return session

    async def end(self, token: str) -> None:
        """Log out."""
        self._kept.pop(token, None)
        await accounts.end_session(self._database, token_hash(token))
        self._kept.pop(token, None)

    def forget(self) -> None:
        """Ask Postgres again for every session: an account has changed."""
        self._kept.clear()

    def _keep(self, token: str, session: Session | None) -> None:
        self._kept.pop(token, None)
        if session is None:
            return
        self._kept[token] = (session, time.monotonic() + KEPT_S)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
