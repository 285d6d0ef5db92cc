"""What PostgreSQL lets each role do, beside the owner, who is the gateway's.

deploy/postgres/create-database.sh makes the roles; where they are not (one role does everything, as on one's own
machine) nothing is granted.
"""

from __future__ import annotations

from msgspec import Struct

from .database import connected, when_reached

WORKER, MAINTENANCE = "showrunner_worker", "showrunner_maintenance"

# Of these, what is older than its time is deleted by a job.
HISTORY = ("run", "attempt", "log", "change", "skipped", "audit", "hook_call", "hook_delivery")


class Role(Struct, frozen=True, kw_only=True):
    """`rights`: what it may do, each with the tables on which, in the words of GRANT."""

    name: str
    schemas: str
    rights: tuple[tuple[str, str], ...]


_MEDIA = (
    ("SELECT, INSERT, UPDATE, DELETE", "ALL TABLES IN SCHEMA media"),
    ("USAGE", "ALL SEQUENCES IN SCHEMA media"),
)
ROLES = (
    Role(name=WORKER, schemas="media", rights=_MEDIA),
    Role(
        name=MAINTENANCE,
        schemas="media, jobs",
        # A backup is of everything, and read by pg_dump: sequences too.
        rights=(
            *_MEDIA,
            ("SELECT", "ALL TABLES IN SCHEMA jobs"),
            ("SELECT", "ALL SEQUENCES IN SCHEMA jobs"),
            ("SELECT", "ALL SEQUENCES IN SCHEMA media"),
            ("DELETE", ", ".join(f"jobs.{table}" for table in HISTORY)),
        ),
    ),
)


def grants() -> str:
    """SQL that gives the roles exactly their rights, and takes any other away; it may be run again and again."""
    return f"""
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('showrunner grants'));
{"".join(map(_granted, ROLES))}END $$;
"""


async def grant(url: str) -> None:
    """Do so on the database at `url`, as its owner, once both schemas are up to date."""

    async def granted() -> None:
        async with connected(url) as connection:
            await connection.execute(grants())

    await when_reached(granted)


def _granted(role: Role) -> str:
    statements = (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA media, jobs FROM {role.name}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA media, jobs FROM {role.name}",
        f"REVOKE ALL ON SCHEMA media, jobs FROM {role.name}",
        f"GRANT USAGE ON SCHEMA {role.schemas} TO {role.name}",
        *(f"GRANT {what} ON {where} TO {role.name}" for what, where in role.rights),
        f"REVOKE INSERT, UPDATE, DELETE ON media.migration FROM {role.name}",
    )
    lines = "".join(f"        {statement};\n" for statement in statements)
    return f"    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role.name}') THEN\n{lines}    END IF;\n"
