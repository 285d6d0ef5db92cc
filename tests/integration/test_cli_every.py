"""Every command of `showrunner` where it can't be done: each says why in a sentence, and ends with the right status."""

from __future__ import annotations

import asyncio
import io
import shlex
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from services.cli.main import main
from services.cli.parser import make_parser
from tests.support.processes import Processes
from tests.support.programs import Programs, person_at
from tests.support.servers import BreakableNats
from tests.support.terminals import Said, Terminal

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:9"
NO_RUN = "00000000-0000-7000-8000-000000000000"
FILE = "jobs.toml"


class Asked(NamedTuple):
    """What follows a command: something sensible; and what names something that is not there, if it names anything."""

    sensible: str = ""
    missing: str | None = None


# Clients of the API.
REMOTE: Mapping[str, Asked] = {
    "jobs": Asked(),
    "job": Asked("greet", "nobody"),
    "runs": Asked("", "nobody"),
    "changes": Asked("greet", "nobody"),
    "logs": Asked("greet --follow", NO_RUN),
    "watch": Asked(),
    "run": Asked("greet --wait", "nobody"),
    "cancel": Asked(NO_RUN, NO_RUN),
    "retry": Asked("greet --wait", "000000-0000"),
    "approve": Asked("greet", NO_RUN),
    "undo": Asked("greet", NO_RUN),
    "pause": Asked("greet --until 2h", "nobody"),
    "resume": Asked("greet", "nobody"),
    "enable": Asked("greet", "nobody"),
    "disable": Asked("greet", "nobody"),
    "interval": Asked("greet 5m", "nobody 5m"),
    "servers": Asked("check", "remove cellar --yes"),
    "people": Asked("", "--plan gold"),
    "person": Asked("Kim", "Kim"),
    "renew": Asked("Kim", "Kim"),
    "suspend": Asked("Kim", NO_RUN),
    "unsuspend": Asked("Kim", "Kim"),
    "export": Asked(),
    "apply": Asked(f"{FILE} --yes"),
    "login": Asked("admin"),
    "whoami": Asked(),
    "backup": Asked(),
    "restore": Asked("some.zip --yes", "some.zip --yes"),
}
# What looks at this machine, or at nothing: the status where nothing is set up.
ALONE: Mapping[str, tuple[str, int]] = {
    "logout": ("", 4),
    "up": (f"--data {FILE}/data", 1),
    "scheduler": ("", 1),
    "worker": ("sync", 1),
    "gateway": ("", 1),
    "settings": ("", 0),
    "backup": ("", 2),
    "restore": ("some.zip --yes", 5),
    "doctor": ("", 0),
    "key": ("rotate", 2),
    "reset-password": ("admin", 2),
    "nats-users": ("", 0),
    "completion": ("bash", 0),
}


class Opened(NamedTuple):
    """Where the API is, and a token that opens it."""

    url: str
    token: str


class Words:
    """Somebody at a shell whose commands run in this process."""

    def __init__(self, output: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch) -> None:
        self._output = output
        self._environment = environment

    def __call__(self, command: str, words: str, stdin: str = "a password\n") -> Said:
        self._environment.setattr(sys, "stdin", io.StringIO(stdin))
        self._output.readouterr()
        status = main([command, *shlex.split(words)])
        return Said(status, *self._output.readouterr())


@pytest.fixture
def words(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Words:
    """In a folder of their own, where nobody has set anything."""
    monkeypatch.chdir(folder)
    (folder / FILE).write_text("")
    for name, value in {
        "HOME": folder,
        "XDG_CONFIG_HOME": folder / "config",
        "SHOWRUNNER_DATA": folder / "data",
    }.items():
        monkeypatch.setenv(name, str(value))
    return Words(capsys, monkeypatch)


def commands() -> Mapping[str, ArgumentParser]:
    """The parsers of all commands that the help lists."""
    (found,) = [action for action in make_parser()._actions if isinstance(action, _SubParsersAction)]
    return dict(found.choices)


def test_no_command_is_left_out() -> None:
    assert set(REMOTE) | set(ALONE) == set(commands())
    clients = {name for name, parser in commands().items() if "--url" in parser.format_help()}
    assert set(REMOTE) == clients - {"logout"}, "logout ends the log-in where it was opened"


@pytest.mark.parametrize("command", REMOTE)
def test_of_a_product_that_is_stopped(command: str, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWRUNNER_URL", NOBODY)
    monkeypatch.setenv("SHOWRUNNER_TOKEN", "sr_some")
    said = words(command, REMOTE[command].sensible)
    assert (said.status, said.out) == (3, ""), said
    assert (
        said.err.startswith(f"showrunner: nobody answers at {NOBODY}") and "start it with `showrunner up`" in said.err
    )


@pytest.mark.parametrize("command", ALONE)
async def test_where_nothing_is_set_up(command: str, folder: Path) -> None:
    asked, status = ALONE[command]
    (folder / FILE).write_text("")
    terminal = Terminal(folder, SHOWRUNNER_DATA=str(folder / "data"))
    said = await terminal(command, *shlex.split(asked.replace(FILE, str(folder / FILE))), stdin="a password\n")
    assert said.status == status, said
    assert status == 0 or (said.err.startswith("showrunner: ") and not said.out and "Traceback" not in said.err), said
    assert command == "restore" or not (folder / "data").exists(), "to look makes nothing"


@pytest.fixture
async def opened(processes: Processes, folder: Path, nats_server: BreakableNats, postgres: str) -> Opened:
    """A product that knows no job, no server and nobody."""
    programs = Programs(processes, folder, nats_server.url, postgres)
    programs.scheduler()
    async with await person_at(programs.gateway()) as person:
        await person.log_in()
        _, made = await person.post("/api/tokens", name="shell", role="admin")
        return Opened(person.url, made["token"])


async def test_with_a_wrong_token_and_with_names_of_nothing(
    words: Words, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWRUNNER_URL", opened.url)
    for command, (sensible, missing) in REMOTE.items():
        monkeypatch.setenv("SHOWRUNNER_TOKEN", "sr_wrong")
        said = await asyncio.to_thread(words, command, sensible)
        assert (said.status, said.out) == (4, "") and said.err.startswith("showrunner: "), (command, said)
        if missing is not None:
            monkeypatch.setenv("SHOWRUNNER_TOKEN", opened.token)
            said = await asyncio.to_thread(words, command, missing)
            assert (said.status, said.out) == (5, "") and said.err.startswith("showrunner: "), (command, said)
