"""A database with the roles that compose.yaml gives it, made by the very script that makes them there."""

from __future__ import annotations

import re

from services.cli.embedded.postgres import NAME, SUPERUSER, EmbeddedPostgres
from shared.backups import programs
from shared.runtime.database_grants import MAINTENANCE, WORKER, grant
from shared.runtime.secrets import Secret
from tests.support.processes import CHECKOUT

SCRIPT = CHECKOUT / "deploy/postgres/create-database.sh"
PASSWORDS = {"owner": "of the owner", "worker": "of workers", "maintenance": "of maintenance"}


async def give_roles(server: EmbeddedPostgres) -> None:
    """Make the roles beside the database's owner, and have the owner say what they may do."""
    statements = re.search(r"<<'SQL'\n(.*)^SQL$", SCRIPT.read_text(), re.DOTALL | re.MULTILINE)
    assert statements is not None, "the script has its statements no more where they are looked for"
    file = server.home / "create-database.sql"
    file.write_text(statements[1])
    settings = [f"--set={name}={password}" for name, password in PASSWORDS.items()]
    superuser = Secret(server.url_for("postgres", user=SUPERUSER))
    await programs.run(
        "psql", superuser, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *settings, f"--file={file}"
    )
    await grant(server.url)


def worker_url(server: EmbeddedPostgres) -> str:
    """As workers of sync, access and mail come to the database."""
    return server.url_for(NAME, user=WORKER)


def maintenance_url(server: EmbeddedPostgres) -> str:
    """As workers of maintenance come."""
    return server.url_for(NAME, user=MAINTENANCE)
