"""Decisions as code: exported from one installation, applied to another, with real syncs of simulated servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from services.workers.clients.clients import open_clients
from services.workers.sync.jobs import jobs as sync_jobs
from shared.directory.directory import SCHEMA, Directory
from shared.runtime.database import open_pool
from shared.runtime.secrets import Vault
from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.support.databases import Databases
from tests.support.gateway_jobs import JOBS, ended, leading
from tests.support.gateways import Person, house
from tests.support.servers import BreakableNats
from tests.support.terminals import Terminal
from tests.support.town import HASTE

pytestmark = pytest.mark.slow


class Installation(NamedTuple):
    """One Showrunner: its administrator, and a shell there."""

    admin: Person
    terminal: Terminal

    async def job(self, name: str) -> dict[str, object]:
        return dict(await self.admin.read(f"/api/jobs/{name}"))

    async def must(self, method: str, path: str, **body: object) -> dict[str, object]:
        status, answer = await self.admin.call(method, path, json=body)
        assert status < 300, answer
        return dict(answer or {})


@pytest.fixture
async def outside() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as neighbourhood:
        yield neighbourhood


@pytest.fixture
async def here(
    nats_server: BreakableNats, postgres: str, folder: Path, outside: Neighbourhood
) -> AsyncIterator[Installation]:
    async with installation(nats_server.url, postgres, folder, outside) as opened:
        yield opened


@pytest.fixture
async def elsewhere(databases: Databases, folder: Path, outside: Neighbourhood) -> AsyncIterator[Installation]:
    """A new installation, with nothing in it."""
    place = folder / "elsewhere"
    place.mkdir()
    async with (
        BreakableNats(place / "nats") as nats,
        databases.fresh() as url,
        installation(nats.url, url, place, outside) as opened,
    ):
        yield opened


@asynccontextmanager
async def installation(
    nats_url: str, database_url: str, folder: Path, outside: Neighbourhood
) -> AsyncIterator[Installation]:
    """A scheduler, a worker with real syncs, a gateway, and an administrator with a token."""
    async with (
        house(nats_url, database_url, folder) as home,
        open_pool(database_url, schema=SCHEMA) as pool,
        open_clients(plextv_url=outside.plextv.url, media_manners=HASTE, plextv_manners=HASTE) as clients,
    ):
        directory = Directory(pool, Vault.from_file(folder / "key"))
        syncs = sync_jobs(directory, clients)
        await home.scheduler()
        for category in (JOBS, syncs):
            await home.worker(*category)
        admin, _ = await home.gateway()
        await leading(await admin.log_in(), len(JOBS) + len(syncs))
        _, made = await admin.post("/api/tokens", name="shell", role="admin")
        yield Installation(admin, Terminal(folder, SHOWRUNNER_URL=admin.url, SHOWRUNNER_TOKEN=made["token"]))


async def settled(here: Installation, outside: Neighbourhood) -> dict[str, str]:
    """Have much decided here. The variables with which the file that is exported can be applied."""
    tokens = {}
    for kind, name, url, token in (
        ("plex", "The Attic", outside.plex[0].url, outside.plex[0].owner_token),
        ("jellyfin", "Cellar", outside.jellyfin[0].url, outside.jellyfin[0].state.api_key),
    ):
        await here.must("POST", "/api/servers", kind=kind, name=name, url=url, token=token)
        tokens[name.upper().replace(" ", "_") + "_TOKEN"] = token
        started = await here.must("POST", f"/api/jobs/sync_{kind}/run")
        assert (await ended(here.admin, str(started["run_id"])))["outcome"] == "succeeded"
    libraries = (await here.admin.read("/api/libraries"))["libraries"]
    gold = await here.must(
        "POST", "/api/plans", name="Gold", days=365, libraries=[library["id"] for library in libraries]
    )
    await here.must("POST", "/api/plans", name='Für "immer"', notes="Of\nold.", libraries=[libraries[0]["id"]])
    await here.must("POST", "/api/mail/templates", event="before_expiry", days=3, language="en", plan_id=gold["id"],
                    subject="Soon", text='It says """so""".\n\n  {{ firstname }}\\', html="")  # fmt: skip
    first = (await here.admin.read("/api/mail/templates"))["templates"][0]
    await here.must("DELETE", f"/api/mail/templates/{first['id']}")
    await here.must("PUT", "/api/settings", access={"most_people": 3, "most_share": 1, "on_expiry": "warn"},
                    history={"logs": 14}, backups={"keep_days": 60, "keep_count": 0})  # fmt: skip
    await here.must("PUT", "/api/mail/setup", policy={"brand_name": "Our house", "server": {
        "host": "smtp.example.org", "port": 587, "security": "starttls", "login": "password", "username": "kim",
        "sender": "kim@example.org"}}, smtp_password="hush hush")  # fmt: skip
    await here.must("PUT", "/api/jobs/greet/schedule", interval="10m")
    await here.must("POST", "/api/jobs/greet/pause", until="2090-01-31T18:00:00Z", reason="holidays")
    await here.must("POST", "/api/jobs/nightly/pause", reason="noise")
    await here.must("PUT", "/api/jobs/linger/quiet", nobody_streaming=True, hours="22:00-05:30")
    await here.must("POST", "/api/jobs/fail/disable", reason="it only fails")
    await here.must("POST", "/api/jobs/sync_plex/disable", reason="by hand only")
    return tokens


async def test_a_new_installation_becomes_what_the_old_one_was(
    here: Installation, elsewhere: Installation, outside: Neighbourhood, folder: Path
) -> None:
    tokens = await settled(here, outside)
    said = await here.terminal("export")
    assert (said.status, said.err) == (0, "")
    for secret in (*tokens.values(), "hush hush"):
        assert secret not in said.out
    file = folder / "house.toml"
    file.write_text(said.out)

    without_tokens = await elsewhere.terminal("apply", str(file), "--yes")
    assert without_tokens.status == 2 and "THE_ATTIC_TOKEN is not set" in without_tokens.err
    assert f"{file}, line " in without_tokens.err and (await elsewhere.admin.read("/api/servers"))["servers"] == []

    shown = await elsewhere.terminal("apply", str(file), "--prune", "--dry-run", **tokens)
    assert shown.status == 1 and "+ plans.Gold" in shown.out and "~ jobs.greet" in shown.out, shown
    assert (await elsewhere.admin.read("/api/plans"))["plans"] == []

    applied = await elsewhere.terminal("apply", str(file), "--prune", "--yes", **tokens)
    assert (applied.status, applied.err) == (0, ""), applied
    assert "password is missing" in applied.out
    assert (await elsewhere.terminal("export")).out == said.out
    assert (await elsewhere.job("greet"))["paused_until"] == "2090-01-31T18:00:00Z"
    assert (await elsewhere.job("sync_plex"))["reason"] == "by hand only"
    kept = await elsewhere.admin.read("/api/settings")
    assert (kept["history"]["logs"], kept["backups"]) == (14, {"keep_days": 60, "keep_count": 0})
    assert (await elsewhere.admin.read("/api/jobs/linger/quiet"))["hours"] == "22:00-05:30"
    assert {plan["name"]: len(plan["libraries"]) for plan in (await elsewhere.admin.read("/api/plans"))["plans"]} == {
        plan["name"]: len(plan["libraries"]) for plan in (await here.admin.read("/api/plans"))["plans"]
    }

    revision = (await elsewhere.admin.read("/api/audit"))["audit"][0]
    again = await elsewhere.terminal("apply", str(file), "--prune", "--yes")
    assert (again.status, again.out, again.err) == (0, "Nothing to do.\n", "")
    assert (await elsewhere.admin.read("/api/audit"))["audit"][0] == revision


async def test_what_was_changed_by_hand_is_told_and_put_back(here: Installation, folder: Path) -> None:
    file = folder / "jobs.toml"
    file.write_text('[jobs.greet]\ninterval = "10m"\n\n[plans.Gold]\ndays = 30\n')
    assert (await here.terminal("apply", str(file), "--yes")).status == 0
    await here.must("PUT", "/api/jobs/greet/schedule", interval="20m")
    await here.must("POST", "/api/jobs/linger/disable", reason="tired of it")
    shown = await here.terminal("apply", str(file), "-n")
    assert shown.status == 1
    assert "Changed by hand since the last apply" in shown.out and "by token:shell" in shown.out
    assert "! jobs.linger changed (this file does not speak of it)" in shown.out
    assert 'interval: "20m" → "10m" (changed by hand)' in shown.out
    told = (await here.terminal("apply", str(file), "--yes", "--json")).json
    assert [(one["section"], one["name"], one["action"]) for one in told["differences"]] == [
        ("jobs", "greet", "change")
    ]
    assert {one["name"]: one["asked"] for one in told["drift"]} == {"greet": True, "linger": False} and told["applied"]
    assert (await here.job("greet"))["schedule"]["value"] == "10m"  # type: ignore[index]
    assert (await here.job("linger"))["enabled"] is False

    pruned = await here.terminal("apply", str(file), "--yes", "--prune")
    assert pruned.status == 0 and (await here.job("linger"))["enabled"] is True
    assert (await here.terminal("apply", str(file), "--prune")).out == "Nothing to do.\n"


async def test_what_is_kept_and_what_a_job_waits_for_are_put_back(here: Installation, folder: Path) -> None:
    file = folder / "keeping.toml"
    file.write_text(
        '[settings.history]\nruns = 30\n\n[settings.backups]\n\n[jobs.linger.quiet]\nhours = "01:00-06:00"\n'
    )
    assert (await here.terminal("apply", str(file), "--yes")).status == 0
    assert (await here.terminal("apply", str(file), "--yes")).out == "Nothing to do.\n"
    await here.must("PUT", "/api/settings", history={"runs": 90})
    await here.must("PUT", "/api/jobs/linger/quiet", nobody_streaming=True)
    shown = await here.terminal("apply", str(file), "-n")
    assert "runs: 90 → 30 (changed by hand)" in shown.out
    assert 'quiet: { nobody_streaming = true } → { hours = "01:00-06:00" } (changed by hand)' in shown.out
    assert (await here.terminal("apply", str(file), "--yes")).status == 0
    assert (await here.admin.read("/api/jobs/linger/quiet"))["nobody_streaming"] is False


async def test_nothing_is_removed_unless_pruned_and_what_is_refused_is_told(here: Installation, folder: Path) -> None:
    file = folder / "plans.toml"
    file.write_text("[plans.Gold]\ndays = 30\n[plans.Silver]\n")
    assert (await here.terminal("apply", str(file), "-y")).status == 0
    file.write_text("[plans.Gold]\ndays = 30\n")
    assert (await here.terminal("apply", str(file), "-y")).out == "Nothing to do.\n"
    shown = await here.terminal("apply", str(file), "--prune")
    assert shown.status == 2 and "- plans.Silver" in shown.out and "--yes" in shown.err
    assert (await here.terminal("apply", str(file), "--prune", "-y")).status == 0
    assert [plan["name"] for plan in (await here.admin.read("/api/plans"))["plans"]] == ["Gold"]

    file.write_text(
        '[plans.Bronze]\n[[templates]]\nevent = "welcome"\nlanguage = "en"\nplan = "Bronze"\nsubject = "Hi"\n'
        'text = "{{ nobody }}"\n[jobs.greet]\npaused = true\n'
    )
    refused = await here.terminal("apply", str(file), "-y")
    assert refused.status == 1 and f"{file}, line 2, templates[1]: " in refused.err and "1 of 3" in refused.err
    assert (await here.job("greet"))["paused"] is True


async def test_what_makes_no_sense_changes_nothing(here: Installation, folder: Path) -> None:
    file = folder / "wrong.toml"
    file.write_text(
        '[plans.Gold]\ndays = 30\n[plans.Gold.libraries]\nCellar = ["Films"]\n'
        '[servers.Attic]\nkind = "plex"\nurl = "http://127.0.0.1:9"\ntoken_file = "token"\n'
        '[jobs.nobody]\nenabled = false\n[jobs.nightly]\ninterval = "5m"\n[jobs.greet]\ninterval = "1d"\n'
    )
    said = await here.terminal("apply", str(file), "--yes")
    assert said.status == 2
    for line in (
        "line 4, plans.Gold.libraries.Cellar: ",
        "line 8, servers.Attic.token_file: ",
        "line 9, jobs.nobody: ",
    ):
        assert f"{file}, {line}" in said.err
    assert "line 12, jobs.nightly.interval: " in said.err and "greet" not in said.err
    assert (await here.admin.read("/api/plans"))["plans"] == []
    missing = await here.terminal("apply", str(folder / "none.toml"))
    assert missing.status == 2 and "can't be read" in missing.err


async def test_only_administrators_export_and_apply(here: Installation, folder: Path) -> None:
    _, made = await here.admin.post("/api/tokens", name="looker", role="viewer")
    file = folder / "jobs.toml"
    file.write_text("[jobs.greet]\nenabled = false\n")
    for words in (("export",), ("apply", str(file), "-y")):
        assert (await here.terminal(*words, SHOWRUNNER_TOKEN=made["token"])).status == 4
    assert (await here.job("greet"))["enabled"] is True
