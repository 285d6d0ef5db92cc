"""Plans one run: every server is surveyed, the whole is bounded, and what it comes to is drafted as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct, structs

from shared.access.terms import AccessPolicy, Decision
from shared.directory.effects import LedgerRow
from shared.directory.records import Server

from ..door import RunContext
from ..ledgered.servers import Failed, on_each
from ..tools import Tools
from . import planning
from .planning import Bound, Drafter, Takings
from .survey import Reach, Survey, Surveyor

NOW = "now"
"""The parameter by which a person has accounts tried that are left alone after a failure."""

UNKNOWN = "the run ended in the middle of it: looked at anew"
UNREACHED = "the run ended before it came to this"
NOT_CALLED_FOR = "no longer called for"


class Plan(Struct, frozen=True, kw_only=True):
    """What a run means to do. `waiting`: what runs before it held; `ways`: how to reach the servers."""

    rows: Sequence[LedgerRow]
    held: Sequence[LedgerRow]
    waiting: Sequence[LedgerRow]
    too_much: str
    alone: Sequence[str]
    ways: Mapping[UUID, Reach]
    failures: Sequence[Failed]


class Planner:
    """Plans for one run. In a dry run nothing is written down, not even what the looks at the servers gave."""

    def __init__(self, tools: Tools, run: RunContext, policy: AccessPolicy) -> None:
        self._tools = tools
        self._run = run
        self._policy = policy

    async def plan(self, servers: Sequence[Server], first: int) -> Plan:
        """What is to be done on these servers; the rows are numbered from `first` on."""
        self._run.progress(0.0, "comparing what people have with what they should have")
        surveys, failures = await self._survey(servers)
        approved = await self._approved()
        waiting = await self._waiting(surveys)
        decisions = {
            survey.server.id: list(planning.without(survey.decisions, planning.takings(waiting))) for survey in surveys
        }
        everything = [decision for here in decisions.values() for decision in here]
        bound = planning.bounded(everything, [survey.servings for survey in surveys], approved, self._policy)
        rows: list[LedgerRow] = []
        late: list[LedgerRow] = []
        plans = {plan.id: plan.name for plan in await self._tools.membership.plans()} if everything else {}
        for survey in surveys:
            here = decisions[survey.server.id]
            drafts = _drafted(await self._drafter(survey, here, plans), here, bound, approved)
            rows += drafts[0]
            late += drafts[1]
        return Plan(
            rows=planning.numbered(rows, first),
            held=planning.numbered(late, first + len(rows)),
            waiting=waiting,
            too_much=bound.why,
            alone=[clause for survey in surveys for clause in survey.alone.values()],
            ways={survey.server.id: survey.reach for survey in surveys if survey.reach is not None},
            failures=failures,
        )

    async def _survey(self, servers: Sequence[Server]) -> tuple[list[Survey], list[Failed]]:
        left = [row for row in await self._tools.ledger.left_open(self._run.job) if row.run != self._run.id]
        surveyor = Surveyor(
            self._tools,
            self._policy,
            {row.account_id for row in left if row.state == "claimed" and row.account_id is not None},
            rehearse=self._run.dry_run,
            impatient=self._run.params.get(NOW) is True,
        )
        surveys, failures = await on_each(self._run, servers, surveyor.survey)
        if not self._run.dry_run:
            await self._close_left(left, surveys)
        return surveys, failures

    async def _close_left(self, left: Sequence[LedgerRow], surveys: Sequence[Survey]) -> None:
        """Close what runs before this one left open; of what was under way, once it has been looked at."""
        alone = {survey.server.id: survey.alone for survey in surveys}
        for row in left:
            if row.state == "planned":
                await self._tools.ledger.close(row.key, "skipped", UNREACHED)
            elif row.server_id in alone and row.account_id not in alone[row.server_id]:
                await self._tools.ledger.close(row.key, "failed", UNKNOWN)

    async def _approved(self) -> Takings:
        if self._run.approves is None:
            return {}
        rows = await self._tools.ledger.of_run(self._run.approves)
        return planning.takings(row for row in rows if row.state == "held")

    async def _waiting(self, surveys: Sequence[Survey]) -> list[LedgerRow]:
        """What runs before this one held; what is not called for any more is closed."""
        seen = {survey.server.id: survey for survey in surveys}
        waiting = []
        for row in await self._tools.ledger.held(self._run.job):
            if row.run == self._run.approves:
                continue
            survey = seen.get(row.server_id) if row.server_id else None
            if survey is None or row.account_id in survey.alone or planning.still_taken(row, survey.decisions):
                waiting.append(row)
            elif not self._run.dry_run:
                await self._tools.ledger.close(row.key, "skipped", NOT_CALLED_FOR)
        return waiting

    async def _drafter(self, survey: Survey, decisions: Sequence[Decision], plans: Mapping[UUID, str]) -> Drafter:
        returning = [decision.account_id for decision in decisions if decision.give and not decision.before]
        return Drafter(
            run=self._run.id,
            job=self._run.job,
            servings=survey.servings,
            policy=self._policy,
            plans=plans,
            presents=survey.reach.presents if survey.reach else {},
            formers=await self._tools.ledger.latest(returning) if returning else {},
            holdings={holding.account_id: holding for holding in survey.servings.holdings},
        )


def _drafted(
    drafter: Drafter, decisions: Sequence[Decision], bound: Bound, approved: Takings
) -> tuple[list[LedgerRow], list[LedgerRow]]:
    rows: list[LedgerRow] = []
    late: list[LedgerRow] = []
    for decision in decisions:
        now, then = planning.split(decision, bound, approved)
        if now is not None:
            rows += drafter.rows(now)
        if then is not None:
            late.append(structs.replace(drafter.change(then), state="held"))
    return rows, late
