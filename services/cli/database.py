"""The database of this machine, whether Showrunner runs or not."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.command import UsageError
from services.cli.remote.address import data_folder
from shared.runtime.settings import Settings


@asynccontextmanager
async def database_here(words: Namespace, settings: Settings) -> AsyncIterator[str]:
    """The address of the one in the settings, else of the embedded one, started for as long if it does not run.

    UsageError: there is none; PlaceError: another process has the folder.
    """
    from services.cli.doctor.installation import running_postgres
    from services.cli.embedded.place import open_place
    from services.cli.embedded.postgres import EmbeddedPostgres
    from services.cli.embedded.servers import started

    folder = data_folder(settings, words.data)
    if url := settings.database_url or running_postgres(folder / "postgres"):
        yield url
        return
    insist_on_database(settings, folder)
    with open_place(folder) as place:
        postgres = EmbeddedPostgres(place.postgres)
        async with started(postgres):
            yield postgres.url


def insist_on_database(settings: Settings, folder: Path) -> None:
    """UsageError: none is named, and none was ever made in this folder; to look for one must not make one."""
    if not settings.database_url and not (folder / "postgres").exists():
        raise UsageError(f"there is no database in {folder}: name its folder by --data, or its SHOWRUNNER_DATABASE_URL")
