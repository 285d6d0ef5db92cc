"""Putting a database's content in the place of what is there: all in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from shared.runtime.database_grants import grants
from shared.runtime.locks import PROJECTOR
from shared.runtime.secrets import Secret

from . import programs

FORMER = "_former"
LOCK_WITHIN = "30s"

# A lock's number as pg_locks shows it: its lower half is in `objid` (PostgreSQL's documentation, 53.13).
_ALONE = f"""
DO $$
BEGIN
    FOR try IN 1..200 LOOP
        IF pg_try_advisory_xact_lock(hashtext('{PROJECTOR}')) THEN
            RETURN;
        END IF;
        PERFORM pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND objid::bigint = hashtext('{PROJECTOR}')::bigint & 4294967295;
        PERFORM pg_sleep(0.05);
    END LOOP;
    RAISE EXCEPTION 'the projector does not let go of its lock';
END $$;
"""
# What others have begun is about to be gone anyway, and must not stand in the way, nor be half here and half there.
_SEND_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pg_has_role(usesysid, 'USAGE') AND pid <> pg_backend_pid();
"""
# What people decided about jobs is in NATS, and the scheduler's: the gateway that finds these tells it. A job about
# which nothing had been decided then is to be as its spec says again.
_CONTROLS_THEN = """
INSERT INTO jobs.restored_control (job, body) SELECT job, body FROM jobs.control ON CONFLICT DO NOTHING;
"""
_CONTROLS_SINCE = f"""
INSERT INTO jobs.restored_control (job, body)
    SELECT job, jsonb_build_object('type', 'control.v1', 'job', job) FROM jobs{FORMER}.control ON CONFLICT DO NOTHING;
"""


async def exchange(url: Secret, script: Path, *, here: Collection[str], counts: Mapping[str, int], work: Path) -> None:
    """Put what `script` (by pg_dump) makes in the place of the schemas that are `here`.

    Connections of our roles are ended, which its services take for an outage. BackupFailed: nothing was changed.
    """
    before, after = work / "before.sql", work / "after.sql"
    before.write_text(_ALONE + "".join(f"ALTER SCHEMA {name} RENAME TO {name}{FORMER};\n" for name in here))
    after.write_text(
        "".join(_counted(table, count) for table, count in counts.items())
        + _CONTROLS_THEN
        + (_CONTROLS_SINCE if "jobs" in here else "")
        + f"SET LOCAL lock_timeout = '{LOCK_WITHIN}';\n"
        + _SEND_OFF
        + "".join(f"DROP SCHEMA {name}{FORMER} CASCADE;\n" for name in here)
        + grants()
    )
    files = [f"--file={path}" for path in (before, script, after)]
    await programs.run("psql", url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)


def _counted(table: str, count: int) -> str:
    return (
        f"DO $$ BEGIN IF (SELECT count(*) FROM {table}) <> {count} THEN "
        f"RAISE EXCEPTION 'rows are missing'; END IF; END $$;\n"
    )
