"""Another key in place of the one that seals, while services run, and whatever ends half-way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from shared.backups.errors import KeyDoesNotFit
from shared.directory.directory import SCHEMA, Directory
from shared.directory.mailsetup import MailSetUp
from shared.directory.records import NewServer, Sighting
from shared.runtime.database import open_pool
from shared.runtime.keys import KeyFile, format_key, new_key
from shared.runtime.secrets import Secret, Vault, WrongKey
from tests.support.backups import backups_of, execute
from tests.support.processes import Process, Processes
from tests.support.waiting import wait_until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = "server/1/token"
SCRAMBLE = "UPDATE media.server SET token = '\\x00' WHERE name = 'Attic 2'"


class Running:
    """A service that has read the key file at its start, and the command beside it."""

    def __init__(self, pool: asyncpg.Pool, url: str, folder: Path, processes: Processes) -> None:
        self.url = url
        self.file = folder / "key"
        self.vault = Vault.from_file(self.file)
        self.pool = pool
        self._processes = processes
        self._environment = {"SHOWRUNNER_DATABASE_URL": url, "SHOWRUNNER_DATA": str(folder)}
        self._ids: list[UUID] = []

    async def add(self) -> None:
        """Seal one more secret."""
        number = len(self._ids)
        new = NewServer(kind="plex", name=f"Attic {number}", url="http://attic", token=Secret(f"token {number}"))
        sighting = Sighting(state="up", identifier=f"attic-{number}", real_name="attic")
        self._ids.append((await Directory(self.pool, self.vault).add_server(new, sighting, NOW)).id)
        await MailSetUp(self.pool, self.vault, ZoneInfo("UTC")).set_secret("smtp_password", Secret("of mail"), "kim")

    async def opens(self, vault: Vault | None = None) -> bool:
        """Whether everything is opened by this vault; without one, by that of the service."""
        directory = Directory(self.pool, vault or self.vault)
        found = [(await directory.token(id)).reveal() for id in self._ids]
        mail = await MailSetUp(self.pool, vault or self.vault, ZoneInfo("UTC")).secret("smtp_password")
        return found == [f"token {number}" for number in range(len(found))] and mail == Secret("of mail")

    @property
    def keys(self) -> list[bytes]:
        return list(KeyFile(self.file).read())

    def newest(self) -> Vault:
        return Vault(self.keys[0])

    def command(self, *words: str, **environment: str) -> Process:
        return self._processes.python("-m", "services.cli", "key", *words, env=self._environment | environment)


@pytest.fixture
async def running(postgres: str, folder: Path, processes: Processes) -> AsyncIterator[Running]:
    async with open_pool(postgres, schema=SCHEMA) as pool:
        service = Running(pool, postgres, folder, processes)
        for _ in range(3):
            await service.add()
        yield service


async def test_the_key_is_exchanged_while_a_service_runs(running: Running) -> None:
    former = running.newest()
    rotate = running.command("rotate")
    assert await rotate.ended() == 0, rotate.text
    assert "4 secrets sealed anew" in rotate.text
    assert len(running.keys) == 2
    assert await running.opens() and await running.opens(running.newest())
    with pytest.raises(WrongKey):
        await running.opens(former)
    await running.add()
    assert await running.opens(running.newest()), "the service seals with the new key by itself"
    forget = running.command("forget")
    assert await forget.ended() == 0, forget.text
    assert len(running.keys) == 1 and await running.opens()
    await running.add()
    assert await running.opens(running.newest())


async def test_killed_in_the_middle_nothing_is_lost(running: Running) -> None:
    blocker = await asyncpg.connect(running.url)
    try:
        # It comes to this table when it has sealed the tokens of servers anew.
        await blocker.execute("BEGIN; LOCK TABLE media.alert_channel")
        rotate = running.command("rotate")

        async def waits() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'media.alert_channel'::regclass"
            assert rotate.status is None, rotate.text
            return bool(await blocker.fetchval(waiting))

        await wait_until(waits, 20, what="a rotation half-way")
        await rotate.kill()
    finally:
        await blocker.close()
    assert len(running.keys) == 2 and await running.opens()
    with pytest.raises(WrongKey):
        await running.opens(running.newest())
    reseal = running.command("reseal")
    assert await reseal.ended() == 0, reseal.text
    assert await running.opens(running.newest())


async def test_one_secret_that_no_key_opens_leaves_all_as_they_were(running: Running) -> None:
    await execute(running.url, SCRAMBLE)
    rotate = running.command("rotate")
    assert await rotate.ended() == 1
    assert "was not sealed with the key file" in rotate.text and "Traceback" not in rotate.text
    tokens = "SELECT count(*) FROM media.server WHERE length(token) > 1"
    async with open_pool(running.url, schema=SCHEMA) as pool:
        assert await pool.fetchval(tokens) == 2
    former = Vault(running.keys[-1])
    assert await MailSetUp(running.pool, former, ZoneInfo("UTC")).secret("smtp_password") == Secret("of mail")


async def test_backups_of_a_former_key_are_restored_until_it_is_forgotten(running: Running, folder: Path) -> None:
    backups = backups_of(running.url, folder / "backups", running.vault)
    path = backups.shelf.path((await backups.make("by_hand")).name)
    assert await running.command("rotate").ended() == 0
    await backups.restore(path, keep=False)
    assert await running.opens()
    refused = running.command("forget")
    assert await refused.ended() == 1 and "1 backup can be restored with a former key only" in refused.text
    assert len(running.keys) == 2
    assert await running.command("forget", "--yes").ended() == 0
    assert await running.opens(running.newest())
    with pytest.raises(KeyDoesNotFit):
        await backups.restore(path, keep=False)


async def test_keys_may_be_given_as_a_setting(running: Running) -> None:
    added = new_key()
    both = "\n".join(map(format_key, (added, *running.keys)))
    reseal = running.command("reseal", SHOWRUNNER_KEY=both)
    assert await reseal.ended() == 0, reseal.text
    assert await running.opens(Vault(added))
    rotate = running.command("rotate", SHOWRUNNER_KEY=both)
    assert await rotate.ended() == 2 and "put the output of `showrunner key new` above it" in rotate.text
    nothing = running.command("reseal", SHOWRUNNER_KEY="nonsense")
    assert await nothing.ended() == 1 and "holds no key of ours" in nothing.text
    assert format_key(added) not in reseal.text + rotate.text


def test_a_file_that_is_half_written_makes_nobody_forget(folder: Path) -> None:
    vault = Vault.from_file(folder / "key")
    sealed = vault.seal(Secret("hidden"), PLACE)
    (folder / "key").write_text("hal")
    assert vault.unseal(sealed, PLACE) == Secret("hidden")
    (folder / "key").unlink()
    assert vault.unseal(sealed, PLACE) == Secret("hidden")
    (folder / "key").write_text(f"{format_key(new_key())}\n")
    with pytest.raises(WrongKey):
        vault.unseal(sealed, PLACE)
