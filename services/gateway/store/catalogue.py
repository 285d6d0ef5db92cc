"""Specs and controls as the projector keeps them, so that a gateway can show the jobs before NATS tells of them."""

from __future__ import annotations

import msgspec

from shared.contracts.controls import Control
from shared.contracts.specs import Spec

from .database import Database

_LOAD_S = 60.0


async def read_specs(database: Database) -> list[Spec]:
    """All specs."""
    async with database.connection(_LOAD_S) as connection:
        return [msgspec.convert(row["body"], Spec) for row in await connection.fetch("SELECT body FROM spec")]


async def read_controls(database: Database) -> list[Control]:
    """All controls."""
    async with database.connection(_LOAD_S) as connection:
        return [msgspec.convert(row["body"], Control) for row in await connection.fetch("SELECT body FROM control")]
