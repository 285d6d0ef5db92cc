"""How a run ends, by what it meant to do and what became of that. Takes values, and gives a result or raises it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from shared.directory.effects import LedgerRow

from ..door import JobFailed, Result, skipped, succeeded
from ..ledgered.servers import Failed
from . import wording
from .rows import still_open, still_true
from .visits import Visit
from .wording import Story


class Told(Struct, frozen=True, kw_only=True):
    """What a run found on all servers before it changes any. `rows`: all, in their order; `left`: can't be undone."""

    rows: Sequence[LedgerRow]
    visits: Sequence[Visit]
    failures: Sequence[Failed]
    resting: Sequence[str]
    left: Sequence[str]


def rehearsed(told: Told, kinds: Mapping[str, str]) -> Result:
    """The end of a dry run. JobFailed: not everything could be looked at."""
    story = _story(told, told.rows, told.failures, rehearsal=True)
    if story.failures:
        raise _failed(story, kinds, again=_may_pass(told, told.failures))
    return succeeded(wording.summary(story, kinds))


def concluded(
    told: Told, rows: Sequence[LedgerRow], failures: Sequence[Failed], kinds: Mapping[str, str], *, transient: bool
) -> Result:
    """The end of a run, with its rows and failures as they are then; `transient`: a step failed that may yet succeed.

    JobFailed: something failed, or is open still.
    """
    failures = [*told.failures, *failures]
    story = _story(told, rows, failures)
    left = still_open(story.rows)
    if story.failures or left or any(row.state == "failed" for row in story.rows):
        raise _failed(story, kinds, again=bool(left) or transient or _may_pass(told, failures))
    if story.rows and all(row.state == "skipped" for row in story.rows):
        return skipped(wording.summary(story, kinds))
    return succeeded(wording.summary(story, kinds))


def _story(told: Told, rows: Sequence[LedgerRow], failures: Sequence[Failed], *, rehearsal: bool = False) -> Story:
    anew = {visit.server.id for visit in told.visits if visit.planned}
    mine = {row.key for visit in told.visits for row in visit.rows}
    return Story(
        rows=[
            *still_true([row for row in rows if row.key not in mine], anew),
            *(row for row in rows if row.key in mine),
        ],
        resting=told.resting,
        failures=[failed.why for failed in (*failures, *_unseen(told))],
        warnings=[line for visit in told.visits if visit.planned for line in visit.planned.warnings],
        left=told.left,
        rehearsed=rehearsal,
    )


def _unseen(told: Told) -> Iterator[Failed]:
    """What could not be looked at for a plan."""
    for visit in told.visits:
        if visit.planned:
            for clause in visit.planned.failures:
                yield Failed(server=visit.server, why=clause, transient=visit.planned.transient)


def _may_pass(told: Told, failures: Sequence[Failed]) -> bool:
    return any(failed.transient for failed in (*failures, *_unseen(told)))


def _failed(story: Story, kinds: Mapping[str, str], *, again: bool) -> JobFailed:
    return JobFailed("incomplete", wording.summary(story, kinds), retry=again)
