"""Logging in from a shell, tokens, and what a command says when it can't be done: each with its exit status."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.cli.remote.address import ADDRESS_FILE
from tests.support.gateway_jobs import JOBS, at_work, leading
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.servers import BreakableNats
from tests.support.terminals import Terminal

pytestmark = pytest.mark.slow


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as home:
        yield home


async def test_log_in_stay_so_and_log_out(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    terminal = Terminal(folder)
    said = await terminal("login", "admin", "--url", person.url, stdin=f"{PASSWORD}\n")
    assert (said.status, said.out) == (0, f"Logged in at {person.url} as admin (admin).\n")
    kept = folder / "config" / "showrunner" / "login.json"
    assert kept.stat().st_mode & 0o777 == 0o600 and PASSWORD not in kept.read_text()
    who = await terminal("whoami", "--json")
    assert who.json["account"] == "admin"
    assert (await terminal("logout")).status == 0 and not kept.exists()
    after = await terminal("whoami", "--url", person.url)
    assert after.status == 4 and "showrunner login" in after.err
    assert (await terminal("logout")).status == 4


async def test_a_wrong_password_keeps_nothing(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    said = await Terminal(folder)("login", "admin", "--url", person.url, stdin="guessed\n")
    assert (said.status, said.out) == (4, "") and "password is wrong" in said.err
    assert not (folder / "config" / "showrunner").exists()


async def test_a_session_goes_to_its_own_address_only(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    terminal = Terminal(folder)
    await terminal("login", "admin", "--url", person.url, stdin=f"{PASSWORD}\n")
    same_place_by_another_name = person.url.replace("127.0.0.1", "localhost")
    assert (await terminal("jobs", "--url", same_place_by_another_name)).status == 4


async def test_on_the_machine_of_up_nobody_asks_where_it_is(home: House, folder: Path) -> None:
    person, _ = await home.gateway()
    (folder / ADDRESS_FILE).write_text(person.url)
    said = await Terminal(folder, SHOWRUNNER_DATA=str(folder))("login", "admin", stdin=f"{PASSWORD}\n")
    assert said.status == 0 and person.url in said.out


async def test_a_token_opens_and_its_role_limits(home: House, folder: Path) -> None:
    person = await at_work(home, *JOBS)
    viewer = Terminal(folder, SHOWRUNNER_URL=person.url, SHOWRUNNER_TOKEN=await token(person, "viewer"))
    assert (await viewer("jobs")).status == 0
    for words in (("run", "greet"), ("pause", "greet"), ("disable", "greet"), ("servers", "remove", "x", "-y")):
        said = await viewer(*words)
        assert said.status in {4, 5} and not said.out
    forbidden = await viewer("run", "greet")
    assert forbidden.status == 4 and "operator" in forbidden.err
    wrong = await viewer("jobs", "--token", "sr_wrong")
    assert wrong.status == 4 and "token" in wrong.err


async def test_without_nats_nothing_is_done_and_that_is_said(
    home: House, nats_server: BreakableNats, folder: Path
) -> None:
    person = await at_work(home, *JOBS)
    terminal = Terminal(folder, SHOWRUNNER_URL=person.url, SHOWRUNNER_TOKEN=await token(person, "admin"))
    await nats_server.kill()
    assert (await terminal("jobs")).status == 0
    said = await terminal("run", "greet")
    assert said.status == 3 and "cheduler" in said.err
    await nats_server.restart()
    await leading(person, len(JOBS))


async def test_what_is_no_showrunner_and_words_that_make_no_sense(folder: Path) -> None:
    terminal = Terminal(folder)
    assert (await terminal("jobs", "--url", "ftp://x")).status == 2
    assert (await terminal("frobnicate")).status == 2
    assert (await terminal("worker", "nobody")).status == 2
    assert (await terminal("runs", "--since", "yesterday", "--url", "http://127.0.0.1:9")).status == 2


async def token(person: Person, role: str) -> str:
    """An API token with this role."""
    status, made = await person.post("/api/tokens", name=role, role=role)
    assert status == 201, made
    return str(made["token"])
