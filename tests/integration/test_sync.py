"""Synchronizing a household's servers, well and unwell, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.town import Town, town

SYNCS = ("sync_plex", "sync_jellyfin")


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Town]:
    async with town(postgres, folder) as settled:
        yield settled


async def test_a_second_sync_of_the_same_servers_writes_no_row(here: Town) -> None:
    for name in SYNCS:
        result, run = await here.run(name)
        assert result.outcome == "succeeded"
        assert "added" in result.summary, result.summary
        assert set(run.states) == {change.number for change in run.changes}
        assert set(run.states.values()) == {"done"}
    before = await here.contents()
    assert all(before.values()), "every table has rows"
    for name in SYNCS:
        result, run = await here.run(name)
        assert (result.summary, run.changes) == ("nothing to do", [])
    assert await here.contents() == before
