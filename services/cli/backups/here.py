"""The database of this machine, whether Showrunner runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.embedded.place import open_place
from services.cli.embedded.postgres import EmbeddedPostgres
from services.cli.embedded.servers import started
from services.cli.wiring import wired
from shared.backups.backups import Backups
from shared.runtime.settings import Settings


@asynccontextmanager
async def backups_here(settings: Settings, folder: Path) -> AsyncIterator[Backups]:
    """The door to the backups of the database in the settings, else of the embedded one, started for as long.

    PlaceError: Showrunner is running on that one, so that its API has to be asked.
    """
    if settings.database_url:
        wiring = wired(settings, folder, needs=("DATABASE_URL", "KEY_FILE"))
        yield wiring.backups(wiring.vault)
        return
    with open_place(folder) as place:
        postgres = EmbeddedPostgres(place.postgres)
        async with started(postgres):
            wiring = wired(settings, folder, database_url=postgres.url, needs=("DATABASE_URL", "KEY_FILE"))
            yield wiring.backups(wiring.vault)
