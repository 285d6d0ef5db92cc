"""Sealing all secrets of a database anew, with another key."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import asyncpg

from shared.runtime.secrets import Vault


class Sealed(NamedTuple):
    """A column of sealed values, the one that names its rows, and the place of each; `only` in these rows."""

    table: str
    key: str
    column: str
    place: Callable[[str], str]
    only: str = "true"


SEALED = (
    Sealed("media.server", "id", "token", lambda key: f"server/{key}/token"),
    Sealed("media.shoko_user", "id", "sealed", lambda key: f"shoko_user/{key}"),
    Sealed("media.secret", "name", "sealed", lambda key: f"secret/{key}"),
    Sealed("media.alert_channel", "name", "sealed", lambda key: f"alert_channel/{key}"),
    Sealed("jobs.hook_in", "name", "secret", lambda key: f"hook_in/{key}/secret", "proof = 'signature'"),
    Sealed("jobs.hook_out", "id", "secret", lambda key: f"hook_out/{key}/secret"),
)


async def reseal(url: str, was: Vault, now: Vault) -> int:
    """Seal with the newest key of `now` what was sealed with any of `was`, all or nothing; how many there are.

    WrongKey: none of `was` fits.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            return sum([await _resealed(connection, sealed, was, now) for sealed in SEALED])
    finally:
        await connection.close()


async def _resealed(connection: asyncpg.Connection, sealed: Sealed, was: Vault, now: Vault) -> int:
    table, key, column, place, only = sealed
    rows = await connection.fetch(f"SELECT {key}, {column} FROM {table} WHERE {only} FOR UPDATE")
    for row in rows:
        where = place(str(row[key]))
        again = now.seal(was.unseal(row[column], where), where)
        await connection.execute(f"UPDATE {table} SET {column} = $2 WHERE {key} = $1", row[key], again)
    return len(rows)
