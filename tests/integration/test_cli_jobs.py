"""The command line against a running product: jobs, runs and what steers them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Parameter
from tests.support.gateway_jobs import JOBS, at_work, ended, spec
from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats
from tests.support.terminals import Terminal
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


async def count(run: RunContext) -> Result:
    for number in range(int(run.params["most"])):
        run.progress(number / int(run.params["most"]), f"at {number}")
        run.log(f"counted {number}")
    run.log("\x1b]0;owned\x07 done", level="warning")
    return succeeded("counted")


async def set_right(run: RunContext) -> Result:
    run.plan([Change(number=1, action="give", target="Kim", why="the plan says so", before=[], after=["Films"])])
    if run.dry_run:
        return succeeded("would change 1")
    run.applied(1)
    return succeeded("changed 1")


EVERY = (
    *JOBS,
    Job(spec("count", parameters=(Parameter(name="most", title="How far", kind="integer", required=True),)), count),
    Job(spec("set_right", dry_run=True, undo=True), set_right),
)


class Shell:
    """A house at work, an administrator who uses the API, and one who uses the command line."""

    def __init__(self, person: Person, terminal: Terminal) -> None:
        self.person = person
        self.terminal = terminal

    async def does(self, *words: str) -> str:
        """What a command says that is done."""
        said = await self.terminal(*words)
        assert said.status == 0, said
        return said.out

    async def started(self, *words: str) -> str:
        """The id of the run that a command starts."""
        return str(json.loads(await self.does(*words, "--json"))["run_id"])


@pytest.fixture
async def shell(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Shell]:
    async with house(nats_server.url, postgres, folder) as home:
        person = await at_work(home, *EVERY)
        _, made = await person.post("/api/tokens", name="shell", role="admin")
        yield Shell(person, Terminal(folder, SHOWRUNNER_URL=person.url, SHOWRUNNER_TOKEN=made["token"]))


async def test_jobs_are_listed_shown_and_looked_for(shell: Shell) -> None:
    listed = await shell.does("jobs")
    assert "greet" in listed and "every 1h" in listed and "nightly" not in listed
    assert "Every day at 03:30" in await shell.does("jobs", "--all", "night")
    shown = await shell.does("job", "count")
    assert "most (integer, required): How far" in shown and "Every hour (1h)" in shown
    as_json = await shell.terminal("jobs", "--json", "--all")
    assert {job["name"] for job in as_json.json["jobs"]} == {job.spec.name for job in EVERY}
    assert (await shell.terminal("job", "greet", "--json")).json["title"] == "Greet"


async def test_a_run_that_is_waited_for_ends_as_its_outcome_says(shell: Shell) -> None:
    good = await shell.terminal("run", "greet", "--wait")
    assert good.status == 0 and "greet succeeded: greeted" in good.out
    bad = await shell.terminal("run", "fail", "-w")
    assert bad.status == 1 and "fail failed: it is broken" in bad.out
    as_json = await shell.terminal("run", "fail", "-w", "--json")
    assert as_json.status == 1 and as_json.json["outcome"] == "failed"


async def test_parameters_and_dry_runs(shell: Shell) -> None:
    run = await shell.started("run", "count", "--param", "most=3")
    assert (await ended(shell.person, run))["params"] == {"most": 3}
    missing = await shell.terminal("run", "count")
    assert missing.status == 1 and "most" in missing.err
    wrong = await shell.terminal("run", "count", "-p", "most=many")
    assert (wrong.status, wrong.err) == (2, "showrunner: --param most: 'many' is not a whole number\n")
    dry = await shell.terminal("run", "set_right", "--dry-run", "--wait", "--json")
    assert dry.json["dry_run"] and dry.json["summary"] == "would change 1"


async def test_runs_logs_and_changes(shell: Shell) -> None:
    await shell.does("run", "count", "-p", "most=2", "-w")
    await shell.does("run", "greet", "-w")
    logs = await shell.does("logs", "count")
    assert [line.split("  ", 1)[1] for line in logs.splitlines()] == [
        "counted 0",
        "counted 1",
        "warning: \ufffd]0;owned\ufffd done",
    ]
    as_json = await shell.terminal("logs", "greet", "--json")
    assert [line["text"] for line in as_json.json["lines"]] == ["hello", "and goodbye"]
    assert "politeness" in await shell.does("changes", "greet")
    listed = await shell.does("runs", "--since", "1h", "--outcome", "succeeded", "--limit", "1")
    assert "greet" in listed and "count" not in listed and "--limit shows more than 1" in listed
    id = (await shell.terminal("runs", "count", "--json")).json["runs"][0]["id"]
    short = (await shell.does("runs", "count")).splitlines()[1].split()[0]
    assert await shell.does("logs", id) == await shell.does("logs", short) == logs


async def test_a_log_is_followed_until_the_run_ends(shell: Shell) -> None:
    run = await shell.started("run", "linger")
    following = asyncio.ensure_future(shell.terminal("logs", "-f", run))
    await running(shell.person, run)
    assert "asked to stop" in await shell.does("cancel", run)
    said = await following
    assert said.status == 0 and "linger cancelled" in said.out


async def test_cancel_retry_and_undo(shell: Shell) -> None:
    run = await shell.started("run", "linger")
    await running(shell.person, run)
    assert "linger cancelled" in await shell.does("cancel", run, "--wait")
    again = await shell.terminal("cancel", run)
    assert again.status == 1 and "ended" in again.err
    failed = await shell.terminal("run", "fail", "-w", "--json")
    assert (await shell.terminal("retry", failed.json["id"], "-w")).status == 1
    changed = (await shell.terminal("run", "set_right", "-w", "--json")).json["id"]
    undone = await shell.started("undo", changed)
    assert (await shell.person.read(f"/api/runs/{changed}"))["undone_by"] == undone
    assert (await shell.terminal("undo", changed)).status == 1
    nothing_held = await shell.terminal("approve", changed)
    assert nothing_held.status == 1 and "did not hold anything back" in nothing_held.err


async def test_what_is_decided_about_a_job(shell: Shell) -> None:
    paused = await shell.does("pause", "greet", "--until", "2h", "--reason", "the rack is moved")
    assert "greet is paused until" in paused
    assert "the rack is moved" in await shell.does("job", "greet")
    assert "on schedule: every hour" in await shell.does("resume", "greet")
    assert "disabled" in await shell.does("disable", "greet")
    refused = await shell.terminal("run", "greet")
    assert refused.status == 1 and "disabled" in refused.err
    assert "on schedule" in await shell.does("enable", "greet")
    assert "every 5 minutes" in await shell.does("interval", "greet", "5m")
    assert "every hour" in await shell.does("interval", "greet", "default")
    assert (await shell.terminal("interval", "nightly", "5m")).status == 1
    assert "7x" in (await shell.terminal("interval", "greet", "7x")).err


async def test_what_is_not_there(shell: Shell) -> None:
    for words in (
        ("job", "nobody"),
        ("run", "nobody"),
        ("pause", "nobody"),
        ("interval", "nobody", "5m"),
        ("runs", "nobody"),
        ("logs", "nobody"),
        ("cancel", "000000-0000"),
        ("retry", "00000000-0000-7000-8000-000000000000"),
    ):
        said = await shell.terminal(*words)
        assert said.status == 5 and said.err.startswith("showrunner: ") and not said.out, said


async def test_watching_tells_what_happens(shell: Shell) -> None:
    async with shell.terminal.opened("watch", "--json") as lines:
        first = json.loads(await anext(lines))
        assert first["event"] == "snapshot" and len(first["data"]["jobs"]) == len(EVERY)
        await shell.started("run", "greet")
        async for line in lines:
            event = json.loads(line)
            if event["event"] == "run" and event["data"]["outcome"] == "succeeded":
                break


async def test_a_bar_and_colours_on_a_terminal_but_not_without_colour(shell: Shell) -> None:
    waiting = asyncio.ensure_future(shell.terminal.on_terminal("run", "linger", "-w"))
    run = await newest(shell.person, "linger")
    await running(shell.person, run)
    await shell.does("cancel", run)
    said = await waiting
    assert said.status == 1 and "████████████░░░░░░░░░░░░  50%  half-way" in said.out
    assert "\x1b[33mlinger cancelled" in said.out
    plain = await shell.terminal.on_terminal("jobs", "-a", NO_COLOR="1")
    assert plain.status == 0 and "\x1b" not in plain.out and "greet" in plain.out
    assert "\x1b" not in (await shell.terminal("jobs")).out


async def newest(person: Person, job: str) -> str:
    """The newest run of a job, once there is one."""

    async def found() -> str | None:
        runs = (await person.read(f"/api/runs?job={job}"))["runs"]
        return str(runs[0]["id"]) if runs else None

    return await wait_until(found, what=f"a run of {job}")


async def running(person: Person, run: str) -> None:
    """Wait until a run is under way."""

    async def under_way() -> bool:
        status, answer = await person.get(f"/api/runs/{run}")
        return status == 200 and answer["state"] == "running" and answer["progress"] is not None

    await wait_until(under_way, what="a run under way")
