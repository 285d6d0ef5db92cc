"""Every client command against a product at work: it does what it says, in JSON, and on a terminal of 80 columns."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from services.workers.door import Job, Result, RunContext, held, succeeded
from shared.contracts.reports import Change
from tests.integration.test_cli_every import REMOTE
from tests.support.gateway_jobs import JOBS, at_work, spec
from tests.support.gateway_people import neighbours
from tests.support.gateways import PASSWORD, Person
from tests.support.servers import BreakableNats
from tests.support.strangers import run_by_hand, run_when
from tests.support.terminals import Said, Terminal

pytestmark = pytest.mark.slow

COLUMNS = 80
# In this order. What is held ends with 1.
DEEDS = (
    "jobs --all",
    "run greet --wait",
    "job greet",
    "runs",
    "changes greet",
    "logs greet",
    "logs greet --follow",
    "watch",
    "cancel linger --wait",
    "retry greet --wait",
    "run much --wait",
    "approve much --wait",
    "undo much --wait",
    "pause greet --until 2h --reason moving",
    "resume greet",
    "disable greet",
    "enable greet",
    "interval greet 5m",
    "interval greet default",
    "servers",
    "people",
    "person Kim",
    "renew Kim --days 31",
    "suspend Kim --reason asked",
    "unsuspend Kim",
    "export",
    "apply {file} --yes",
    "whoami",
    "login admin",
    "logout",
    "backup",
    "restore {backup} --yes",
)
HELD = "run much --wait"
FOR_PEOPLE = {"login", "logout"}
"""They ask for a password, which nobody types here, or end what was begun so."""
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CONTROL = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


async def much(run: RunContext) -> Result:
    """Takes from many, so that somebody has to approve it; and gives back."""
    run.plan([Change(number=1, action="take", target="Kim", why="the plan says so", before=["Films"], after=[])])
    if not ({"approves", "undoes"} & set(run.params)):
        return held("1 of 1 would lose something")
    run.applied(1)
    return succeeded("changed 1")


class Office(NamedTuple):
    admin: Person
    terminal: Terminal
    folder: Path

    async def begin(self, deed: str) -> None:
        """Have under way what is to be cancelled."""
        if deed.startswith("cancel"):
            run = await run_by_hand(self.admin, "linger")
            await run_when(self.admin, run, lambda found: found["state"] == "running", "a run under way")

    async def words(self, deed: str) -> list[str]:
        names = {"file": self.folder / "jobs.toml", "backup": ""}
        if "{backup}" in deed:
            names["backup"] = (await self.admin.read("/api/backups"))["backups"][0]["name"]
        return deed.format(**names).split()


@pytest.fixture
async def office(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Office]:
    async with neighbours(nats_server.url, postgres, folder) as town:
        await town.server("attic", accounts={"Kim": "FS", "Somebody with a rather long name": "M"})
        kim = await town.person("Kim")
        await town.admin.put(f"/api/people/{kim['id']}/subscription", expires_on="2030-01-01")
        admin = await at_work(town.home, *JOBS, Job(spec("much", undo=True), much))
        _, made = await admin.post("/api/tokens", name="shell", role="admin")
        terminal = Terminal(folder, SHOWRUNNER_URL=admin.url, SHOWRUNNER_TOKEN=made["token"])
        exported = await terminal("export")
        (folder / "jobs.toml").write_text(exported.out)
        yield Office(admin, terminal, folder)


def test_no_client_is_left_out() -> None:
    assert {deed.split()[0] for deed in DEEDS} == set(REMOTE) | {"logout"}


async def test_all_in_json(office: Office) -> None:
    for deed in DEEDS:
        await office.begin(deed)
        words = [*await office.words(deed), "--json"]
        if deed == "watch":
            async with office.terminal.opened(*words) as lines:
                assert json.loads(await anext(lines))["event"] == "snapshot"
            continue
        said = await office.terminal(*words, stdin=f"{PASSWORD}\n")
        assert said.status == (1 if deed == HELD else 0) and said.err == "", (deed, said)
        documents = said.out.splitlines() if "--follow" in deed else [said.out]
        assert documents and all(isinstance(json.loads(document), dict) for document in documents), (deed, said)


async def test_all_on_a_terminal(office: Office) -> None:
    for deed in DEEDS:
        if deed.split()[0] in FOR_PEOPLE:
            continue
        await office.begin(deed)
        until = "Ctrl-C ends this" if deed == "watch" else ""
        said = await office.terminal.on_terminal(*await office.words(deed), until=until, columns=COLUMNS, NO_COLOR="1")
        status = 130 if until else 1 if deed == HELD else 0
        assert said.status == status and said.out.strip(), (deed, said)
        assert not COLOUR.search(said.out), (deed, said)
        if deed != "export":  # that is a file: nothing in it may be broken
            assert widest(said) <= COLUMNS, (deed, said)


def widest(said: Said) -> int:
    """Of its lines, the bars that were written over included, in columns: none of the letters here takes two."""
    return max(len(line) for line in re.split(r"[\r\n]+", CONTROL.sub("", said.out)))
