"""API tokens: random ones that a program shows with each request; Postgres keeps only their SHA-256."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from shared.runtime.clock import utc_now

from ..store import tokens
from ..store.accounts import Role
from ..store.database import Database
from ..store.tokens import RemovedToken, Token
from .callers import Caller, Recent, key_of
from .roles import lesser
from .uses import Uses

# Tells people, and programs that look for leaked secrets, what this is.
PREFIX = "sr_"
_FORM = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")


class BadToken(Exception):
    """The token opens nothing, or does so no more; the message says why, and how to mend it."""


class Tokens:
    """The API tokens. One that another gateway removes goes on here for at most `KEPT_S` seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent = Recent()
        self.uses = Uses(database)

    async def make(self, name: str, role: Role, account: str, expires_at: datetime | None) -> tuple[Token, str] | None:
        """What is kept of a new token, and the token itself, to be shown once; None if the name is taken."""
        token = PREFIX + secrets.token_urlsafe(32)
        made = await tokens.add(self._database, name, role, account, expires_at=expires_at, hash=key_of(token))
        return None if made is None else (made, token)

    async def find(self, token: str) -> Caller:
        """Who shows this token. Raises `BadToken`."""
        caller = await self._recent.find(token, self._ask) if _FORM.fullmatch(token) else None
        if caller is None:
            raise BadToken("This API token is not known: it was removed or never made. Have an administrator make one.")
        now = utc_now()
        if caller.has_ended(now):
            ended = f"{caller.expires_at:%Y-%m-%d %H:%M} UTC"
            raise BadToken(f"This API token ended at {ended}. Have an administrator make a new one.")
        self.uses.note(caller.key, now)
        return caller

    async def remove(self, name: str) -> RemovedToken | None:
        """End a token; None if there is no such."""
        try:
            return await tokens.remove(self._database, name)
        finally:
            self.forget()

    def forget(self) -> None:
        """Ask Postgres again for every token: one of them, or an account, has changed."""
        self._recent.forget_all()

    async def _ask(self, key: bytes) -> Caller | None:
        holder = await tokens.find(self._database, key)
        if holder is None:
            return None
        return Caller(
            name=f"token:{holder.name}",
            account=holder.account,
            role=lesser(holder.role, holder.account_role),
            expires_at=holder.expires_at,
            key=key,
            by_token=True,
        )
