"""The subscribers in the documents hear what becomes of runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import short_folder
from tests.support.handlers import idle
from tests.support.node import install_examples, node
from tests.support.pipeline import Pipeline
from tests.support.processes import CHECKOUT, Process, Processes
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def examples() -> Iterator[Path]:
    with short_folder() as folder:
        yield install_examples(folder)


async def hears_runs(line: Pipeline, subscriber: Process) -> None:
    """A subscriber hears only what is said once it listens: runs are made until it has heard of one."""
    await line.all(idle("tidy"))

    async def heard() -> bool:
        await line.ended(await line.run("tidy"))
        assert subscriber.status is None, subscriber.text
        return "tidy finished succeeded" in subscriber.text

    await wait_until(heard, 20, what="a line about a run")


def only_listening(nats: BreakableNats) -> dict[str, str]:
    """The environment of a program that may hear the feed, and nothing else."""
    return {"SHOWRUNNER_NATS_URL": (nats.home / "subscriber_url").read_text().strip()}


async def test_the_subscriber_in_python(line: Pipeline, nats_server: BreakableNats, processes: Processes) -> None:
    subscriber = processes.python("docs/examples/feed.py", env=only_listening(nats_server))
    await hears_runs(line, subscriber)


async def test_the_subscriber_in_node(
    line: Pipeline, nats_server: BreakableNats, processes: Processes, examples: Path
) -> None:
    await hears_runs(line, processes.program(node(), "feed.mjs", env=only_listening(nats_server), cwd=examples))


def test_the_page_shows_the_subscribers_as_they_are() -> None:
    page = (CHECKOUT / "docs/own-workers.md").read_text()
    for name in ("feed.py", "node/feed.mjs", "disk_space.py"):
        assert (CHECKOUT / "docs/examples" / name).read_text().strip() in page, f"docs/own-workers.md drifted: {name}"
