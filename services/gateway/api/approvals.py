"""Calls about runs that people let go on, or take back. Both are new runs, told by a reserved parameter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts.commands import RunNow
from shared.contracts.ids import new_run
from shared.contracts.ticks import APPROVES, UNDOES

from ..store.followers import NONE, changed_anything, followers
from .commands import RunStarted, carry_out
from .problems import Problem
from .route import Call, Nothing
from .runs import holds_back
from .wanting import wanted_run


async def approve(call: Call, _: Nothing) -> RunStarted:
    """Let what a held run held back be done."""
    run = await wanted_run(call)
    if not await holds_back(call, run):
        raise Problem("run_not_held")
    follower = (await followers(call.gateway.database, [run.id])).get(run.id, NONE).approved_by
    if follower is not None:
        raise Problem("already_approved", f"The run {follower} carries this out. If it failed, retry that one.")
    return await _start(call, run.job, run.params | {APPROVES: str(run.id)}, run.id, "run.approve")


async def undo(call: Call, _: Nothing) -> RunStarted:
    """Have what a run changed put back as it was before."""
    run = await wanted_run(call)
    entry = call.gateway.board.find(run.job)
    if entry is None or entry.spec is None or not entry.spec.undo:
        raise Problem("run_not_undoable", f"The job {run.job} can't take back what it did.")
    if run.state != "finished":
        raise Problem("run_not_undoable", "This run has not ended yet: cancel it first, or wait.")
    if not await changed_anything(call.gateway.database, run.id):
        raise Problem("run_not_undoable", "This run has changed nothing.")
    follower = (await followers(call.gateway.database, [run.id])).get(run.id, NONE).undone_by
    if follower is not None:
        raise Problem("already_undone", f"The run {follower} takes this back. If it failed, retry that one.")
    return await _start(call, run.job, {UNDOES: str(run.id)}, run.id, "run.undo")


async def _start(call: Call, job: str, params: dict[str, Any], about: UUID, action: str) -> RunStarted:
    command = RunNow(job=job, run=new_run(), by=call.by, params=params)
    return await carry_out(call, command, action, str(about))
