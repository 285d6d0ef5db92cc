"""A look at a PostgreSQL server that changes nothing: its version, its clock, and which migrations were applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from .database import DatabaseError

WITHIN = 5.0  # seconds


class NotThere(DatabaseError):
    """Nobody answers, or we are not let in; the message says which."""


class Look(Struct, frozen=True, kw_only=True):
    """`applied`: by schema the checksum of each migration's number; a schema that is not there is missing."""

    version: str
    major: int
    now: datetime
    applied: Mapping[str, Mapping[int, str]]


async def look(url: str, schemas: Sequence[str]) -> Look:
    """Look once, without waiting for a server that is not there yet. Raises `NotThere`."""
    try:
        connection = await asyncpg.connect(url, timeout=WITHIN, command_timeout=WITHIN)
    except TimeoutError:
        raise NotThere(f"no answer within {WITHIN:g} s") from None
    except OSError as error:
        raise NotThere(f"nobody answers ({error.strerror or type(error).__name__})") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise NotThere(f"it does not let us in ({error})") from error
    try:
        version = connection.get_server_version()
        return Look(
            version=f"{version.major}.{version.minor}",
            major=version.major,
            now=await connection.fetchval("SELECT now()"),
            applied={schema: found for schema in schemas if (found := await _applied(connection, schema))},
        )
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        raise NotThere(f"it stopped answering ({error})") from error
    finally:
        await connection.close(timeout=WITHIN)


async def _applied(connection: asyncpg.Connection, schema: str) -> dict[int, str]:
    if await connection.fetchval("SELECT to_regclass(format('%I.migration', $1::text))", schema) is None:
        return {}
    table = await connection.fetchval("SELECT format('%I.migration', $1::text)", schema)
    rows = await connection.fetch(f"SELECT number, checksum FROM {table}")
    return {row["number"]: row["checksum"] for row in rows}
