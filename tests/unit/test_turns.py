"""Turns side by side, and whoever has the tick log alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.scheduler.turns import Turns

MOST = 2


class Stage:
    """Turns that last until they are told to end."""

    def __init__(self) -> None:
        self.turns = Turns(MOST)
        self.ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[object]] = []

    def begin(self) -> asyncio.Event:
        end = asyncio.Event()
        turn = asyncio.ensure_future(end.wait())
        self.turns.begun(turn)
        self.ends.append(end)
        self.tasks.append(turn)
        return end

    def alone(self) -> asyncio.Task[object]:
        return self._inside(self.turns.alone())

    def room(self) -> asyncio.Task[object]:
        return self._inside(self.turns.room())

    def _inside(self, way: object) -> asyncio.Task[object]:
        """Has gone in and out again when it is done."""

        async def go() -> None:
            async with way:  # type: ignore[attr-defined]
                pass

        task: asyncio.Task[object] = asyncio.ensure_future(go())
        self.tasks.append(task)
        return task


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def settled() -> None:
    """All that can go on without anything from outside has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_turns_begin_while_there_is_room(stage: Stage) -> None:
    first = stage.begin()
    await stage.room()
    stage.begin()
    waiting = stage.room()
    await settled()
    assert not waiting.done()
    first.set()
    await waiting


async def test_alone_is_when_every_turn_has_ended(stage: Stage) -> None:
    ends = [stage.begin(), stage.begin()]
    alone = stage.alone()
    for end in ends:
        await settled()
        assert not alone.done()
        end.set()
    await alone


async def test_none_begins_while_somebody_waits_to_be_alone(stage: Stage) -> None:
    end = stage.begin()
    alone, room = stage.alone(), stage.room()
    await settled()
    assert not alone.done() and not room.done()
    end.set()
    await asyncio.gather(alone, room)


async def test_a_turn_that_fails_or_is_cancelled_has_ended(stage: Stage) -> None:
    stage.begin()
    stage.tasks[0].cancel()
    await stage.alone()


async def test_who_no_longer_wants_to_be_alone_holds_up_nobody(stage: Stage) -> None:
    stage.begin()
    alone = stage.alone()
    await settled()
    alone.cancel()
    await stage.room()
