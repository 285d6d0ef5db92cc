"""What keeps accounts from being as they should: changes that failed, and runs that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from shared.directory.accessbook import Trouble

from ..store.database import outages_named
from .route import Call


class Waiting(Struct, frozen=True, kw_only=True):
    """By account: what failed, and the run that waits."""

    troubles: Mapping[UUID, Trouble]
    held: Mapping[UUID, UUID]

    def concerns(self, account_id: UUID) -> bool:
        """Whether there is anything about this account."""
        return account_id in self.troubles or account_id in self.held


async def waiting(call: Call) -> Waiting:
    """All that waits now."""
    with outages_named():
        return Waiting(
            troubles=await call.gateway.access_book.trouble(), held=await call.gateway.ledger.held_accounts()
        )
