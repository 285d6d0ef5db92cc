"""The gateway's own part of the database."""

from __future__ import annotations

from pathlib import Path

from shared.runtime.database import migrate

SCHEMA = "jobs"
MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate_jobs(url: str) -> None:
    """Bring the schema `jobs` up to date. BadMigrations: see `shared.runtime.database.migrate`."""
    await migrate(url, SCHEMA, MIGRATIONS)
