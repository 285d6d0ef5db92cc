"""The clocks of the scheduler and of NATS differ; what is remembered of runs does not depend on it."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.scheduler.memory import active_runs
from services.scheduler.standing import standing_by_job
from shared.contracts import subjects
from shared.messaging import LAST_PER_SUBJECT, read_all
from shared.runtime.clock import now_ms
from tests.support.handlers import spec
from tests.support.pipeline import Pipeline

SECOND_MS = 1000


async def active(line: Pipeline) -> set[UUID]:
    log = await read_all(line.bus, subjects.TICKS, (subjects.ALL_TICKS,), LAST_PER_SUBJECT)
    return await active_runs(line.bus, standing_by_job(log).values())


@pytest.mark.parametrize("seconds", [-20, 0, 20])
async def test_a_run_that_has_ended_is_not_active(line: Pipeline, seconds: int) -> None:
    await line.write_tick(spec("tidy"), now_ms() + seconds * SECOND_MS)
    assert await active(line) == set()


@pytest.mark.parametrize("seconds", [-20, 0, 20])
async def test_a_run_that_has_not_ended_is(line: Pipeline, seconds: int) -> None:
    run = await line.write_tick(spec("tidy"), now_ms() + seconds * SECOND_MS, ended=False)
    assert await active(line) == {run}
