"""Backups as people use them: over the API while everything runs, at a shell of a stopped machine, and by the jobs."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.gateway.schema import migrate_jobs
from services.workers.maintenance.backups_jobs import backup_jobs
from shared.backups.errors import BadBackup
from shared.backups.retention import BackupPolicy
from shared.directory.directory import SCHEMA, migrate_media
from shared.directory.preferences import Preferences
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.support.backups import all_rows, backups_of, execute, flipped, truncated
from tests.support.gateway_jobs import JOBS, at_work
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.recorded import RecordedRun
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.terminals import Terminal
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as home:
        yield home


async def ran(person: Person, count: int) -> list[Any]:
    """The runs of `greet`, once so many have ended in the database, and their ticks, maybe read later, are there."""

    async def there() -> bool:
        status, answer = await person.get("/api/runs", job="greet")
        told = [run["state"] for run in answer.get("runs", []) if run["fired_at"]]
        return status == 200 and told == ["finished"] * count

    await wait_until(there, 20, what=f"{count} finished runs")
    return list((await person.read("/api/runs?job=greet"))["runs"])


async def run_greet(person: Person) -> None:
    async def taken() -> bool:
        status, _ = await person.post("/api/jobs/greet/run")
        return status == 202

    await wait_until(taken, 20, what="a run to be taken")


async def test_while_all_runs_what_happened_since_comes_back_from_the_streams(home: House, postgres: str) -> None:
    """The restored database has read less of the streams: the projector reads on from there, and goes on."""
    person = await at_work(home, *JOBS)
    await run_greet(person)
    await ran(person, 1)
    status, made = await person.post("/api/backups")
    assert status == 201 and made["fault"] == "" and not made["brings_key"]
    await run_greet(person)
    both = await ran(person, 2)
    await person.put("/api/settings", backups={"keep_days": 7})
    path = f"/api/backups/{made['name']}/restore"
    status, restored = await person.post(path, confirm=made["name"])
    assert status == 200 and restored["backup"] == made["name"] and restored["kept"]
    # What people decided is as it was then; what happened on the streams is told anew.
    assert (await person.read("/api/settings"))["backups"]["keep_days"] == 30
    assert await ran(person, 2) == both
    log = await person.read(f"/api/runs/{both[0]['id']}/log")
    assert [line["text"] for line in log["lines"]] == ["hello", "and goodbye"]
    await run_greet(person)
    await ran(person, 3)
    trail = (await person.read("/api/audit"))["audit"]
    assert "backup.restore" in {deed["action"] for deed in trail} and "settings.backups" not in {
        deed["action"] for deed in trail
    }
    assert {backup["why"] for backup in (await person.read("/api/backups"))["backups"]} == {"by_hand", "before_restore"}


async def test_what_was_decided_about_jobs_is_as_it_was_then(home: House, postgres: str) -> None:
    """Decided with the scheduler, who is told by the gateway; but what has been stopped since stays so."""
    person = await at_work(home, *JOBS)
    await person.post("/api/jobs/greet/pause", reason="holiday")
    await person.post("/api/jobs/fail/disable")
    then = {job["name"]: job for job in await jobs_of(person)}

    async def both_written() -> bool:
        return len((await all_rows(postgres))["jobs.control"]) == 2

    await wait_until(both_written, what="both decisions in the database")
    _, made = await person.post("/api/backups")
    for call in ("greet/resume", "fail/enable", "linger/pause", "nightly/disable"):
        assert (await person.post(f"/api/jobs/{call}"))[0] == 200
    status, _ = await person.post(f"/api/backups/{made['name']}/restore", confirm=made["name"])
    assert status == 200

    async def as_then() -> bool:
        now = {job["name"]: job for job in await jobs_of(person)}
        for name in ("greet", "fail"):
            assert all(now[name][part] == then[name][part] for part in ("enabled", "paused", "reason")), now[name]
        return now["linger"]["paused"] and not now["nightly"]["enabled"]

    await wait_until(as_then, 20, what="the jobs to be as they were")


async def jobs_of(person: Person) -> list[Any]:
    return list((await person.read("/api/jobs?advanced=true"))["jobs"])


async def test_a_file_from_elsewhere_is_brought_and_restored(home: House, postgres: str, folder: Path) -> None:
    person, _ = await home.gateway()
    await person.log_in()
    _, made = await person.post("/api/backups")
    shelf = folder / "backups"
    content = (shelf / made["name"]).read_bytes()
    # Brought a second time, it is the one that is here.
    assert await bring(person, content) == (201, made)
    assert [path.name for path in shelf.iterdir()] == [made["name"]]
    (shelf / made["name"]).unlink()
    assert await bring(person, content) == (201, made)
    assert (shelf / made["name"]).stat().st_mode & 0o777 == 0o600
    before = await all_rows(postgres)
    status, restored = await person.post(f"/api/backups/{made['name']}/restore", confirm=made["name"])
    assert status == 200 and restored["rows"] == made["rows"]
    assert len((await all_rows(postgres))["media.server"]) == len(before["media.server"])
    assert "backup.restore" in {deed["action"] for deed in (await person.read("/api/audit"))["audit"]}


async def test_a_file_that_is_no_backup_of_ours_stays_outside(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    await person.log_in()
    _, made = await person.post("/api/backups")
    source = folder / "backups" / made["name"]
    there = backups_of("", folder / "elsewhere", Vault.from_file(folder / "another key"))
    for ruin in (truncated(source, folder / "half", 0.5), flipped(source, folder / "flipped")):
        status, problem = await bring(person, ruin.read_bytes())
        assert (status, problem["code"]) == (422, "backup_refused"), problem
    assert (await bring(person, b""))[1]["code"] == "backup_refused"
    for largest, told in ((1000, "more than 1,000 bytes"), (10**9, "another key")):
        with pytest.raises(BadBackup, match=told):
            await there.take_in(pieces(source.read_bytes()), largest)
    assert [path.name for path in (folder / "backups").iterdir()] == [made["name"]]
    assert list((folder / "elsewhere").iterdir()) == []
    _, sealed = await person.post("/api/backups", passphrase="correct horse battery staple")
    taken = await there.take_in(pieces((folder / "backups" / sealed["name"]).read_bytes()))
    assert taken.size == sealed["size"] and not taken.fault, "its key comes with the passphrase, when it is restored"


async def bring(person: Person, content: bytes) -> tuple[int, Any]:
    return await person.call("POST", "/api/backups/file", data=content)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 500):
        yield content[start : start + 500]


async def test_what_the_api_refuses(home: House, postgres: str, folder: Path) -> None:
    person, _ = await home.gateway()
    await person.log_in()
    _, made = await person.post("/api/backups")
    there = folder / "backups"
    broken = "showrunner-20260101-000000.backup"
    flipped(there / made["name"], there / broken)
    before = await all_rows(postgres)
    for name, body, expected in (
        (made["name"], {"confirm": "yes"}, (422, "backup_refused")),
        (broken, {"confirm": broken}, (422, "backup_refused")),
        ("showrunner-20260102-000000.backup", {"confirm": "x"}, (404, "backup_unknown")),
        ("..%2Fkey", {"confirm": "../key"}, (404, "backup_unknown")),
    ):
        status, problem = await person.post(f"/api/backups/{name}/restore", **body)
        assert (status, problem["code"]) == expected
    assert await all_rows(postgres) == before
    status, problem = await person.post("/api/backups", passphrase="short")
    assert (status, problem["code"]) == (400, "bad_body")
    assert (await person.post(f"/api/backups/{made['name']}/check"))[0] == 200
    assert (await person.post(f"/api/backups/{broken}/check"))[0] == 422
    async with person.http.get(f"/api/backups/{made['name']}/file") as response:
        assert response.status == 200 and await response.read() == (there / made["name"]).read_bytes()
    assert (await person.delete(f"/api/backups/{broken}"))[0] == 204 and not (there / broken).exists()


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("operator", True)])
async def test_who_may_look_may_not_restore(home: House, role: str, may: bool) -> None:
    person, _ = await home.gateway()
    await person.log_in()
    _, made = await person.post("/api/backups")
    await person.post("/api/users", name="kim", role=role, password=PASSWORD)
    kim = await (await home.person(home.listening[-1].port)).log_in("kim")
    assert (await kim.get("/api/backups"))[0] == (200 if may else 403)
    for method, path in (
        ("POST", ""),
        ("POST", "/file"),
        ("GET", f"/{made['name']}/file"),
        ("DELETE", f"/{made['name']}"),
    ):
        assert (await kim.call(method, f"/api/backups{path}"))[0] == 403
    assert (await kim.post(f"/api/backups/{made['name']}/restore", confirm=made["name"]))[0] == 403


async def test_a_stopped_machine_that_lost_its_database(folder: Path) -> None:
    data = folder / "data"
    async with BreakablePostgres(data / "postgres") as server:
        await migrate_jobs(server.url)
        await migrate_media(server.url)
        await execute(server.url, "INSERT INTO jobs.audit (who, address, action, target) VALUES ('kim', '', 'a', 'b')")
        before = await all_rows(server.url)
    terminal = Terminal(folder, SHOWRUNNER_DATA=str(data))
    made = await terminal("backup", "--json")
    assert made.status == 0, made.err
    file = Path(made.json["path"])
    shutil.rmtree(data / "postgres")
    refused = await terminal("restore", file.name)
    assert refused.status == 2 and "--yes" in refused.err
    restored = await terminal("restore", file.name, "--yes")
    assert restored.status == 0 and file.name in restored.out, restored.err
    async with BreakablePostgres(data / "postgres") as server:
        assert await all_rows(server.url) == before


async def test_a_machine_that_lost_all_but_the_file(folder: Path) -> None:
    """No key either: the passphrase brings it, and without one nothing is done."""
    passphrase = "correct horse battery staple\n"
    data, elsewhere = folder / "data", folder / "elsewhere"
    async with BreakablePostgres(data / "postgres") as server:
        await migrate_jobs(server.url)
        await migrate_media(server.url)
    terminal = Terminal(folder)
    made = await terminal("backup", "--data", str(data), "--passphrase", "--json", stdin=passphrase)
    file = str(shutil.copy(made.json["path"], folder))
    shutil.rmtree(data)
    refused = await terminal("restore", file, "--data", str(elsewhere), "--yes")
    assert refused.status == 1 and "passphrase" in refused.err
    restored = await terminal("restore", file, "--data", str(elsewhere), "--yes", "--passphrase", stdin=passphrase)
    assert restored.status == 0, restored.err


async def test_a_shell_far_away_asks_the_api(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    terminal = Terminal(folder)
    await terminal("login", "admin", "--url", person.url, stdin=f"{PASSWORD}\n")
    made = await terminal("backup", "--url", person.url, "--json")
    assert made.status == 0, made.err
    restored = await terminal("restore", made.json["name"], "--url", person.url, "--yes")
    assert restored.status == 0 and "kept as" in restored.out, restored.err
    here = folder / "backups" / made.json["name"]
    brought = await terminal("restore", str(here.rename(folder / "brought")), "--url", person.url, "--yes")
    assert brought.status == 0 and here.exists(), brought.err
    missing = await terminal("restore", "showrunner-20260101-000000.backup", "--url", person.url, "--yes")
    assert missing.status == 5 and "no backup named" in missing.err


async def test_the_jobs_make_verify_and_tidy(postgres: str, folder: Path) -> None:
    backups = backups_of(postgres, folder / "backups", Vault.from_file(folder / "key"))
    async with open_pool(postgres, schema=SCHEMA) as pool:
        preferences = Preferences(pool)
        await preferences.set_backups(BackupPolicy(keep_days=30, keep_count=2), "kim")
        back_up, clean_up, verify = (job.handler for job in backup_jobs(backups, preferences, ZoneInfo("UTC")))
        assert (await verify(RecordedRun("verify_backup"))).outcome == "skipped"
        for _ in range(3):
            await back_up(RecordedRun("backup"))
        newest, middle, oldest = await backups.listed()
        assert "as many as were backed up" in (await verify(RecordedRun("verify_backup"))).summary
        # The two newest are spoilt: the one beyond them is the newest that is of use, so it stays.
        for spoilt in (newest, middle):
            path = backups.shelf.path(spoilt.name)
            truncated(path, path.with_name("copy"), 0.5).replace(path)
        leftover = backups.shelf.folder / ".work-dead"
        leftover.mkdir()
        long_ago = (utc_now() - timedelta(days=2)).timestamp()
        os.utime(leftover, (long_ago, long_ago))
        run = RecordedRun("cleanup_backups")
        assert (await clean_up(run)).summary == "nothing to do" and not leftover.exists()
        await back_up(RecordedRun("backup"))
        await clean_up(RecordedRun("cleanup_backups"))
        assert [backup.name for backup in await backups.listed()][1:] == [newest.name]
        assert oldest.name not in {backup.name for backup in await backups.listed()}
