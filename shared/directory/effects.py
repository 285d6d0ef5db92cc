"""An effect on the outside world, as the ledger keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

ClosedState = Literal["done", "failed", "skipped"]


class LedgerRow(Struct, frozen=True, kw_only=True):
    """An effect on the outside world. `key` says what may happen once only; `number` is its place in the run's plan.

    `before` is what an undo puts back. `held`: it waits for a person's approval.
    """

    key: str
    run: UUID
    job: str
    number: int
    kind: str
    person_id: UUID | None = None
    server_id: UUID | None = None
    account_id: UUID | None = None
    target: str
    why: str = ""
    before: Any = None
    after: Any = None
    state: Literal["planned", "held", "claimed", "done", "failed", "skipped"] = "planned"
    detail: str = ""
    planned_at: datetime | None = None
    closed_at: datetime | None = None
    undone_by: UUID | None = None
