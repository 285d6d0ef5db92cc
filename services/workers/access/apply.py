"""Brings access on all servers of a kind to what is intended: planned, bounded, written down, and only then done.

The ledger holds what is to be done before anything is. An attempt that finds open rows of its run goes on with them
instead of planning anew. What has to wait for approval is written last: only a run that ends `held` holds anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from shared.access.terms import AccessPolicy
from shared.directory.effects import LedgerRow
from shared.directory.records import PRODUCTS, MediaKind

from ..door import Result, RunContext, skipped
from ..ledgered.servers import Failed, awake
from ..ledgered.telling import OPEN
from ..tools import Tools
from .carrying import Carrier
from .execution import concluded, on_servers
from .planner import Plan, Planner
from .telling import Telling
from .undoing import UndoAccess
from .wording import Story


class Apply:
    """The handler of the jobs that change access on the servers of one kind."""

    def __init__(self, tools: Tools, kind: MediaKind) -> None:
        self._tools = tools
        self._kind = kind
        self._undo = UndoAccess(tools)

    async def __call__(self, run: RunContext) -> Result:
        """Plan and carry out, go on with what an earlier attempt planned, or take back. JobFailed: not all was done."""
        if run.undoes is not None:
            return await self._undo(run, run.undoes)
        policy = await self._tools.preferences.access()
        earlier = await self._tools.ledger.of_run(run.id)
        if any(row.state in OPEN or row.state == "held" for row in earlier):
            return await self._go_on(run, policy, earlier)
        servers, resting = awake(await self._tools.directory.servers(self._kind))
        product = PRODUCTS[self._kind]
        if not servers:
            down = f"every {product} server is down: {'; '.join(resting)}"
            return skipped(down if resting else f"no {product} server is set up")
        for line in resting:
            run.log(f"Skipped: {line}", "warning")
        plan = await Planner(self._tools, run, policy).plan(servers, len(earlier) + 1)
        return await self._carry_out(run, policy, plan, _story(run, plan, earlier, resting))

    async def _go_on(self, run: RunContext, policy: AccessPolicy, earlier: Sequence[LedgerRow]) -> Result:
        rows, failures = await on_servers(self._tools, run, Carrier(self._tools, policy, run.job), earlier, {})
        await self._release(run, failures)
        return concluded(Story(rows=rows), failures)

    async def _carry_out(self, run: RunContext, policy: AccessPolicy, plan: Plan, story: Story) -> Result:
        if run.dry_run:
            Telling(run, story.rows)
            return concluded(story, plan.failures)
        await self._tools.ledger.write(plan.rows)
        carrier = Carrier(self._tools, policy, run.job)
        rows, failures = await on_servers(self._tools, run, carrier, story.rows, plan.ways)
        await self._tools.ledger.write(plan.held)
        failures = [*plan.failures, *failures]
        await self._release(run, failures)
        return concluded(structs.replace(story, rows=rows), failures)

    async def _release(self, run: RunContext, failures: Sequence[Failed]) -> None:
        # Of a server that failed the next attempt may take what was approved.
        if run.approves is not None and not failures:
            await self._tools.ledger.release(run.approves, run.id)


def _story(run: RunContext, plan: Plan, earlier: Sequence[LedgerRow], resting: Sequence[str]) -> Story:
    return Story(
        rows=[*earlier, *plan.rows, *plan.held],
        waiting=plan.waiting,
        too_much=plan.too_much,
        alone=plan.alone,
        resting=resting,
        rehearsed=run.dry_run,
    )
