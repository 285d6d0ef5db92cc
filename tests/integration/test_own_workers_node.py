"""A worker in another language: the example in Node.js, with nothing but NATS and the documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.folders import short_folder
from tests.support.gateways import Person
from tests.support.node import install_examples, node
from tests.support.processes import Process, Processes
from tests.support.servers import BreakableNats
from tests.support.strangers import (
    Beside,
    appears,
    beside_showrunner,
    has_ended,
    is_cancelled,
    is_taken_over,
    run_by_hand,
    run_when,
    runs_on_schedule,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def examples() -> Iterator[Path]:
    with short_folder() as folder:
        yield install_examples(folder)


@pytest.fixture
async def listening() -> AsyncIterator[int]:
    """A port that answers."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def settled() -> None:
    """Nothing outside has to change."""


@pytest.fixture
async def here(nats_server: BreakableNats, postgres: str, folder: Path, processes: Processes) -> AsyncIterator[Beside]:
    async with beside_showrunner(nats_server.url, postgres, folder, processes) as made:
        yield made


async def test_a_worker_in_node_is_a_worker_like_any_other(here: Beside, examples: Path, listening: int) -> None:
    def start() -> Process:
        return here.program(node(), "port_watch.mjs", cwd=examples, WATCHED_PORT=str(listening))

    person = here.person
    worker = start()
    job = await appears(person, "watch_port")
    assert (job["category"], job["title"], job["schedule"]["value"]) == ("network", "Watch a port", "1m")

    by_schedule = await runs_on_schedule(person, "watch_port")
    assert (by_schedule["outcome"], by_schedule["summary"]) == ("succeeded", "3 of 3 looks were answered")

    run = await run_by_hand(person, "watch_port", looks=1000)
    await run_when(person, run, lambda found: (found["progress"] or 0) > 0, "its progress")
    await is_cancelled(person, run)
    log = await person.read(f"/api/runs/{run}/log")
    assert log["lines"][0]["text"] == "look 1: it answers"

    run = await run_by_hand(person, "watch_port", looks=4)
    ended = await is_taken_over(person, run, worker, start, settled())
    assert (ended["outcome"], ended["summary"]) == ("succeeded", "4 of 4 looks were answered")


async def test_a_failure_is_retried_and_a_stop_hands_the_run_on(here: Beside, examples: Path, listening: int) -> None:
    def start() -> Process:
        return here.program(node(), "port_watch.mjs", cwd=examples)

    person = here.person
    worker = start()
    await appears(person, "watch_port")
    run = await run_by_hand(person, "watch_port", port=1, looks=1)
    tried = await run_when(person, run, lambda found: found["state"] == "retrying", "the first try to fail")
    assert tried["attempt"] == 1 and tried["next_attempt_at"] is not None
    await is_cancelled(person, run)

    run = await run_by_hand(person, "watch_port", port=listening, looks=3)
    await run_when(person, run, lambda found: found["state"] == "running", "the run to be under way")
    assert await worker.stop() == 0
    start()
    ended = await has_ended(person, run)
    assert (ended["outcome"], ended["attempt"]) == ("succeeded", 2)
    (first,) = (await person.read(f"/api/runs/{run}/attempts"))["attempts"]
    assert first["error"]["code"] == "interrupted"


ALONE = """
import { setTimeout as pause } from "node:timers/promises";
import { runWorker } from "./showrunner.mjs";
const schedule = { type: "every", every_ms: 86_400_000 };
const about = { type: "spec.v1", description: "", category: "network", schedule, resources: ["router"], backoff_s: 0 };
const handler = async (run) => {
  run.log("begins");
  await pause(run.params.work_ms ?? 1000, undefined, { signal: run.signal });
  run.log("ends");
  return "done";
};
const work_ms = { name: "work_ms", title: "How long", kind: "integer" };
const job = (name, more) => ({ spec: { ...about, name, title: name, parameters: [work_ms], ...more }, handler });
await runWorker([job("restart"), job("measure"), job("glance", { patience_s: 0 })], { ackWaitS: 1 });
"""


async def test_what_a_spec_names_is_held_alone(here: Beside, examples: Path) -> None:
    """Also while it waits it can be cancelled, and what its worker held when it died is free before long."""
    (examples / "alone.mjs").write_text(ALONE)

    def start() -> Process:
        return here.program(node(), "alone.mjs", cwd=examples)

    person = here.person
    worker = start()
    await appears(person, "glance")
    first = await run_by_hand(person, "restart", work_ms=2000)
    await has_begun(person, first)
    glance = await has_ended(person, await run_by_hand(person, "glance"))
    assert (glance["outcome"], glance["summary"]) == ("skipped", "router is held by restart")
    second = await run_by_hand(person, "measure")
    waits = await run_when(person, second, lambda found: found["note"] != "", "what it waits for")
    assert (waits["note"], waits["progress"]) == ("waiting: router is held by restart", None)
    assert (await has_ended(person, second))["outcome"] == "succeeded"
    ended = (await person.read(f"/api/runs/{first}/log"))["lines"][-1]
    began = (await person.read(f"/api/runs/{second}/log"))["lines"][0]
    assert (ended["text"], began["text"]) == ("ends", "begins") and ended["at"] <= began["at"]

    first = await run_by_hand(person, "restart", work_ms=600_000)
    await has_begun(person, first)
    second = await run_by_hand(person, "measure")
    await run_when(person, second, lambda found: found["note"] != "", "what it waits for")
    await is_cancelled(person, second)
    await worker.kill()
    start()
    await is_cancelled(person, first)
    assert (await has_ended(person, await run_by_hand(person, "measure")))["outcome"] == "succeeded"


async def has_begun(person: Person, run: str) -> None:
    """Wait until its handler has said so."""

    async def begun() -> bool:
        return bool((await person.read(f"/api/runs/{run}/log"))["lines"])

    await wait_until(begun, what="a handler at work")


HASTY = """
import { runWorker } from "./showrunner.mjs";
const schedule = { type: "every", every_ms: 10 };
const spec = { type: "spec.v1", name: "hasty", title: "Hasty", description: "", category: "network", schedule };
await runWorker([{ spec, handler: async () => "done" }]);
"""


async def test_a_refused_worker_ends_with_the_reason(here: Beside, examples: Path) -> None:
    (examples / "hasty.mjs").write_text(HASTY)
    worker = here.program(node(), "hasty.mjs", cwd=examples)
    assert await worker.ended() != 0
    assert "hasty is refused: schedule: every 10ms is too often, every 1s is allowed" in worker.text

    async def noticed() -> Any:
        return (await here.person.read("/api/notices"))["notices"]

    (notice,) = await wait_until(noticed, what="a notice")
    assert (notice["key"], notice["category"], notice["code"]) == ("hasty", "network", "unusable")
    assert (await here.person.get("/api/jobs/hasty"))[0] == 404
