"""PostgreSQL: does it let us in, is it what this program expects, and does the key open what is kept in it?"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from services.cli.terminal.letters import counted
from services.gateway.schema import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.schema import SCHEMA as JOBS
from shared.directory.directory import MIGRATIONS as MEDIA_MIGRATIONS
from shared.directory.directory import SCHEMA as MEDIA
from shared.directory.directory import Directory
from shared.directory.records import Server
from shared.runtime.clock import utc_now
from shared.runtime.database import BadMigrations, outstanding, read_migrations
from shared.runtime.database_look import Look, NotThere, look
from shared.runtime.secrets import KEY_BYTES, BadKey, Secret, Vault, WrongKey

from .clocks import clock
from .findings import Finding, fault, ok, warning

OLDEST = 14  # the oldest major version that the PostgreSQL project still mends
_SCHEMAS = {JOBS: JOBS_MIGRATIONS, MEDIA: MEDIA_MIGRATIONS}


async def database(url: str) -> tuple[list[Finding], bool]:
    """What is found, and whether the schemas can be read by this program."""
    where = place_of(url)
    try:
        seen = await look(url, tuple(_SCHEMAS))
    except NotThere as error:
        return [fault("PostgreSQL", f"{where}: {error}", "start it, or correct SHOWRUNNER_DATABASE_URL")], False
    found = [version(seen, where), clock("PostgreSQL", seen.now, utc_now())]
    states = [_migrated(schema, folder, seen) for schema, folder in _SCHEMAS.items()]
    return [*found, *states], all(state.level == "ok" for state in states)


def version(seen: Look, where: str) -> Finding:
    """Whether it is not too old."""
    if seen.major < OLDEST:
        return fault("PostgreSQL", f"{seen.version} at {where} is too old", f"use PostgreSQL {OLDEST} or newer")
    return ok("PostgreSQL", f"{seen.version} at {where}")


def vault_of(file: Path | None, given: Secret) -> Vault:
    """The vault of the key that was `given`, else of the key file.

    It opens nothing where there is no key, for to look must not make one.
    """
    try:
        if given:
            return Vault.from_text(given)
        if file is not None and file.exists():
            return Vault.from_file(file)
    except (BadKey, OSError):
        pass  # told by the look at the file itself
    return Vault(os.urandom(KEY_BYTES))


async def seals(directory: Directory, servers: list[Server]) -> tuple[list[Finding], dict[str, Secret]]:
    """Whether the key opens the servers' tokens; those that it does, by the server's id."""
    tokens: dict[str, Secret] = {}
    for server in servers:
        try:
            tokens[str(server.id)] = await directory.token(server.id)
        except WrongKey:
            mend = "put the key file that belongs to this database back, or enter the servers' tokens anew"
            return [fault("key", f"it does not open the token of {server.name}", mend)], tokens
    return ([ok("key", f"opens the tokens of {counted(len(servers), 'server')}")] if servers else []), tokens


def place_of(url: str) -> str:
    """Where that is, without the secret."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else "our own socket"


def _migrated(schema: str, folder: Path, seen: Look) -> Finding:
    about = f"schema {schema}"
    try:
        left = outstanding(schema, read_migrations(folder), dict(seen.applied.get(schema, {})))
    except BadMigrations as error:
        return fault(about, str(error), "start the version of Showrunner that this database belongs to")
    if left:
        return warning(
            about, f"{counted(len(left), 'migration')} still to be applied", "the next start of a gateway does it"
        )
    return ok(about, "up to date")
