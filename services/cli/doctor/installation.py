"""Where everything is: as the settings say, or as the servers in the data folder of `showrunner up` left word."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urlsplit

from msgspec import Struct

from services.cli.embedded.lock import holder
from services.cli.embedded.nats import USER
from services.cli.embedded.postgres import NAME, PORT
from services.cli.remote.address import data_folder
from shared.runtime.secrets import Secret
from shared.runtime.settings import Settings


class Installation(Struct, frozen=True, kw_only=True):
    """An installation as seen from this machine. `folder` is None where no server of our own is used.

    Addresses are empty where they can't be known: the server of our own does not run.
    """

    settings: Settings
    folder: Path | None
    nats_url: Secret
    database_url: Secret
    key_file: Path | None


def installation_of(settings: Settings, data: str = "") -> Installation:
    """Read, and nothing made. PermissionError: the folder is another user's."""
    embedded = not (settings.nats_url and settings.database_url)
    folder = data_folder(settings, data) if embedded else None
    key = Path(settings.key_file) if settings.key_file else folder / "key" if folder else None
    return Installation(
        settings=settings,
        folder=folder,
        nats_url=Secret(settings.nats_url or (running_nats(folder / "nats") if folder else "")),
        database_url=Secret(settings.database_url or (running_postgres(folder / "postgres") if folder else "")),
        key_file=key,
    )


def running_nats(home: Path) -> str:
    """The address of the NATS server that runs in this folder; empty if none does."""
    try:
        pid = holder(home / "lock")
        written = json.loads((home / "ports" / f"nats-server_{pid}.ports").read_bytes())
        port = urlsplit(str(written["nats"][0])).port
        return f"nats://{USER}:{(home / 'token').read_text().strip()}@127.0.0.1:{port}"
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, IndexError):
        return ""


def running_postgres(home: Path) -> str:
    """The address of the PostgreSQL server that runs in this folder; empty if none does.

    Its postmaster.pid has the folder of its socket in the fifth line (PostgreSQL, miscadmin.h).
    """
    try:
        socket = (home / "data" / "postmaster.pid").read_text().splitlines()[4]
    except (FileNotFoundError, NotADirectoryError, IndexError):
        return ""
    # A server that runs as another user was given the folder open, and has no name for it.
    place = home.absolute() if socket.startswith("/proc/") else Path(socket)
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(place), safe='')}&port={PORT}"
