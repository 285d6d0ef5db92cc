"""The board in figures."""

from __future__ import annotations

from datetime import UTC, datetime

from services.gateway.board import Board
from services.gateway.board.survey import Survey
from shared.contracts.feed import Run, RunState
from shared.contracts.ids import new_run
from shared.contracts.reports import Outcome
from tests.support.handlers import spec

AT = datetime(2026, 3, 2, tzinfo=UTC)


def run(job: str, state: RunState, outcome: Outcome | None = None, number: int = 0) -> Run:
    ended = AT if outcome else None
    return Run(
        id=new_run(), job=job, category="test", state=state, outcome=outcome, number=number, finished_at=ended,
        started_at=AT,
    )  # fmt: skip


def test_jobs_failures_and_open_runs_are_counted_as_of_now() -> None:
    board = Board("board", "UTC")
    survey = Survey(board)
    assert (survey.jobs, survey.failing) == (0, [])
    for name in ("one", "two", "three"):
        board.apply_spec(name, spec(name))
    failed = [run(job, "finished", "failed", number=1) for job in ("two", "one", "withdrawn")]
    board.apply_runs([*failed, run("three", "queued"), run("one", "running")])
    assert (survey.jobs, survey.failing) == (3, ["one", "two"])
    assert survey.open_runs == {"queued": 1, "running": 1, "retrying": 0}
    board.apply_runs([run("two", "finished", "succeeded", number=2)])
    board.apply_spec("three", None)
    assert (survey.jobs, survey.failing) == (2, ["one"])
    assert survey.open_runs == {"queued": 0, "running": 1, "retrying": 0}
