"""A password that was lost is reset at the machine itself: while services run, and while none does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.auth.resetting import ACTION
from tests.support.backups import execute
from tests.support.gateways import PASSWORD, House, house
from tests.support.installations import installation
from tests.support.processes import Processes
from tests.support.servers import BreakableNats, BreakablePostgres
from tests.support.terminals import Said, Terminal

pytestmark = pytest.mark.slow

ANOTHER = "another horse battery"


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
def terminal(folder: Path, postgres: str) -> Terminal:
    return Terminal(folder, SHOWRUNNER_DATABASE_URL=postgres, SHOWRUNNER_DATA=str(folder / "data"))


async def test_beside_a_gateway_that_runs(home: House, terminal: Terminal) -> None:
    admin, _ = await home.gateway()
    await admin.log_in()
    _, made = await admin.post("/api/tokens", name="shell", role="admin")
    said = await terminal("reset-password", "admin", stdin=f"{ANOTHER}\n")
    assert said.status == 0 and "admin has the new password" in said.out and ANOTHER not in said.out + said.err
    fresh = await home.person(home.listening[-1].port)
    assert (await fresh.post("/api/session", account="admin", password=PASSWORD))[0] == 401
    await fresh.log_in(password=ANOTHER)
    (deed,) = [deed for deed in (await fresh.read("/api/audit"))["audit"] if deed["action"] == ACTION]
    assert (deed["who"], deed["target"]) == ("showrunner reset-password", "admin") and deed["address"]
    second, _ = await home.gateway()
    second.http.cookie_jar.update_cookies({cookie.key: cookie.value for cookie in admin.http.cookie_jar})
    assert (await second.get("/api/session"))[0] == 401, "the sessions from before have ended"
    header = {"Authorization": f"Bearer {made['token']}"}
    assert (await second.call("GET", "/api/jobs", headers=header))[0] == 200, "tokens go on"


async def test_what_can_not_be_reset(
    home: House, terminal: Terminal, folder: Path, postgres_server: BreakablePostgres
) -> None:
    async def reset(account: str = "admin", password: str = ANOTHER, **environ: str) -> Said:
        said = await terminal("reset-password", account, stdin=f"{password}\n", **environ)
        assert said.out == "" and said.err.startswith("showrunner: ") and "Traceback" not in said.err
        return said

    await execute(postgres_server.url, "DROP SCHEMA jobs CASCADE")
    early = await reset(SHOWRUNNER_DATABASE_URL=postgres_server.url)
    assert early.status == 5 and "start Showrunner" in early.err
    nobody = await reset()
    assert nobody.status == 5 and "start Showrunner" in nobody.err
    admin, _ = await home.gateway()
    missing = await reset("kim")
    assert missing.status == 5 and "no account 'kim': admin may log in" in missing.err
    weak = await reset(password="short")
    assert weak.status == 1 and "at least 10" in weak.err
    await postgres_server.kill()
    gone = await reset(SHOWRUNNER_DATABASE_URL=postgres_server.url)
    assert gone.status == 3 and "nobody answers" in gone.err
    nowhere = await reset(SHOWRUNNER_DATABASE_URL="")
    assert nowhere.status == 2 and "--data" in nowhere.err and not (folder / "data").exists()
    await admin.log_in()


async def test_with_servers_of_our_own_running_and_stopped(processes: Processes, folder: Path) -> None:
    terminal = Terminal(folder, SHOWRUNNER_DATA=str(folder / "data"))
    async with installation(processes, folder) as installed:
        assert (await terminal("reset-password", "admin", stdin=f"{ANOTHER}\n")).status == 0
        await installed.admin.log_in(password=ANOTHER)
        await installed.process.stop()
    assert (await terminal("reset-password", "admin", stdin=f"{PASSWORD}\n")).status == 0
    async with installation(processes, folder) as installed:
        assert installed.admin.url
