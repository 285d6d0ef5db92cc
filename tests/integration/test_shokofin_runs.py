"""A job of Shokofin as a real run: its worker is killed while it is at work, and it waits for a scan and says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.contracts.commands import Enable
from shared.messaging import Retention, declare
from tests.support.anime import Anime, anime
from tests.support.pipeline import Pipeline
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

HOLD_MS = 6_000
MERGE, SCAN = "/Videos/MergeVersions", "RefreshLibrary"


class Workers:
    """Processes that run the jobs."""

    def __init__(self, processes: Processes, nats: str, database: str, key: Path) -> None:
        self._processes = processes
        self._env = {"SHOWRUNNER_NATS_URL": nats}
        self._arguments = (database, str(key))

    async def one_more(self) -> Process:
        """Another, as soon as it is ready."""
        worker = self._processes.python("-m", "tests.support.anime_program", *self._arguments, env=self._env)
        await worker.line("worker_ready")
        return worker


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Anime]:
    async with anime(postgres, folder) as opened:
        yield opened


@pytest.fixture
async def workers(
    line: Pipeline, processes: Processes, folder: Path, nats_server: BreakableNats, postgres: str
) -> Workers:
    await declare(line.bus, Retention(hold_ms=HOLD_MS))
    await line.scheduler()
    await line.projector()
    return Workers(processes, nats_server.url, postgres, folder / "key")


async def test_what_a_killed_worker_began_another_ends(line: Pipeline, workers: Workers, here: Anime) -> None:
    here.fill("show", series=4, episodes=60, doubles=40)
    first = await workers.one_more()
    await line.known("merge_episodes")
    await line.ask(Enable(job="merge_episodes", by="kim"))
    answer = here.jellyfin.faults.hold(MERGE, after=30, times=1)
    run = await line.run("merge_episodes")
    await here.jellyfin.requests.reach(31, "POST", MERGE)
    await first.kill()
    answer.set()
    await workers.one_more()
    row = await line.ended(run, timeout=60)
    assert (row["outcome"], row["summary"]) == ("succeeded", "40 merged")
    assert len(here.merged) == 40
    # Only what was under way when it was killed may have been asked for twice.
    assert here.jellyfin.journal.count("versions.merged") <= 41


async def test_a_run_waits_for_the_end_of_a_scan_and_says_so(line: Pipeline, workers: Workers, here: Anime) -> None:
    here.fill("show", series=4, episodes=20, doubles=4)
    here.state.tasks.begin(SCAN, 0.42)
    await workers.one_more()
    await line.known("merge_episodes")
    await line.ask(Enable(job="merge_episodes", by="kim"))
    run = await line.run("merge_episodes")

    async def waits() -> bool:
        return bool((await line.row(run))["note"] == "waiting: library scan on Attic, 42 %")

    await wait_until(waits, 20, what="a run that waits")
    assert here.jellyfin.journal.count("versions.merged") == 0
    here.state.tasks.finish(SCAN)
    row = await line.ended(run, timeout=120)
    assert (row["outcome"], row["summary"]) == ("succeeded", "4 merged")
