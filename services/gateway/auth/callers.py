"""Who calls, as the credential says that came with the request."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec import Struct

from ..store.accounts import Role
from ..store.database import DatabaseUnreachable

KEPT_S = 5.0
MOST_KEPT = 10_000


class Caller(Struct, frozen=True, kw_only=True):
    """Somebody who showed a session or an API token.

    `name` is how the audit trail knows them: the account, or `token:` and the token's name. `account` answers for what
    they do. `key` is the hash of what they showed.
    """

    name: str
    account: str
    role: Role
    expires_at: datetime | None
    key: bytes
    by_token: bool

    def has_ended(self, now: datetime) -> bool:
        """Whether what they showed is good no more."""
        return self.expires_at is not None and self.expires_at <= now


def key_of(credential: str) -> bytes:
    """What is kept of a random credential: its SHA-256."""
    # A header may hold bytes that are no text; they come as surrogates.
    return hashlib.sha256(credential.encode(errors="surrogateescape")).digest()


class Recent:
    """Those who called of late: for `KEPT_S` seconds Postgres is not asked for them again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._forgotten = 0

    async def find(self, credential: str, ask: Callable[[bytes], Awaitable[Caller | None]]) -> Caller | None:
        """Who shows this credential, as `ask` says of its key; None when nobody does (any more).

        While Postgres is away, one who was found before still counts: nobody can have shut them out.
        """
        kept = self._kept.get(credential)
        if kept is not None and kept[1] > time.monotonic():
            return kept[0]
        forgotten = self._forgotten
        try:
            caller = await ask(key_of(credential))
        except DatabaseUnreachable:
            if kept is None or forgotten != self._forgotten:
                raise
            return kept[0]
        # An answer from before something was forgotten may be what had to be forgotten.
        if forgotten == self._forgotten:
            self._keep(credential, caller)
        return caller

    def forget(self, credential: str) -> None:
        """Ask Postgres again for this credential."""
        self._forgotten += 1
        self._kept.pop(credential, None)

    def forget_all(self) -> None:
        """Ask Postgres again for every credential."""
        self._forgotten += 1
        self._kept.clear()

    def _keep(self, credential: str, caller: Caller | None) -> None:
        self._kept.pop(credential, None)
        if caller is None:
            return
        self._kept[credential] = (caller, time.monotonic() + KEPT_S)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
