"""A database to back up, all its rows as text, and backups that somebody has hurt."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from services.gateway.schema import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.schema import SCHEMA as JOBS
from shared.backups.backups import Backups
from shared.backups.manifest import signature
from shared.directory.directory import MIGRATIONS as MEDIA_MIGRATIONS
from shared.directory.directory import SCHEMA as MEDIA
from shared.runtime.secrets import Secret, Vault

SCHEMAS: Mapping[str, Path] = {JOBS: JOBS_MIGRATIONS, MEDIA: MEDIA_MIGRATIONS}
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('jobs', 'media') ORDER BY 1
"""


def backups_of(url: str, folder: Path, vault: Vault, schemas: Mapping[str, Path] = SCHEMAS) -> Backups:
    """The door to the backups of a database."""
    return Backups(folder, Secret(url), vault, schemas)


async def all_rows(url: str) -> dict[str, list[str]]:
    """Every row of every table of ours, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        return {
            table: sorted(row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t"))
            for table in tables
        }
    finally:
        await connection.close()


async def execute(url: str, statement: str) -> None:
    """Do something to a database behind everybody's back."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def rewritten(source: Path, target: Path, changes: Mapping[str, bytes | None]) -> Path:
    """A copy of a backup with some members in place of others (None: left out), whole as an archive."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
        for name, content in (members | dict(changes)).items():
            if content is not None:
                new.writestr(name, content)
    return target


def resigned(source: Path, target: Path, vault: Vault, **changes: Any) -> Path:
    """A copy whose manifest says something else, signed with the key as only we can."""
    with zipfile.ZipFile(source) as old:
        manifest = msgspec.json.decode(old.read("manifest.json"))
    content = msgspec.json.encode(manifest | changes)
    return rewritten(source, target, {"manifest.json": content, "manifest.hmac": signature(content, vault)})


def flipped(source: Path, target: Path) -> Path:
    """A copy with one bit turned over in its midst."""
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    return target


def truncated(source: Path, target: Path, share: float) -> Path:
    """A copy that ends early."""
    shutil.copy(source, target)
    with target.open("r+b") as file:
        file.truncate(int(source.stat().st_size * share))
    return target


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
