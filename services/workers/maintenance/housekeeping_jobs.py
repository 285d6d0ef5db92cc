"""The jobs of the worker `maintenance` that keep the database in order."""

from __future__ import annotations

from shared.contracts.specs import Calendar, Spec

from ..door import Job
from ..tools import Tools
from .consistency import CheckConsistency
from .history import CleanUpHistory
from .jobs import CATEGORY


def housekeeping_jobs(tools: Tools) -> tuple[Job, ...]:
    """All of them, bound to what they work on."""
    return (
        Job(spec=_CLEAN_UP, handler=CleanUpHistory(tools.history, tools.preferences)),
        Job(spec=_CHECK, handler=CheckConsistency(tools.consistency)),
    )


_CLEAN_UP = Spec(
    name="cleanup_history",
    title="Clean up history",
    description="Deletes runs, logs, mail deliveries, alerts and more that are older than set on the page Backups, a "
    "little at a time. What is under way, waits for approval or is still needed stays.",
    category=CATEGORY,
    schedule=Calendar(expression="0 4 * * *"),
    timeout_s=3600.0,
    attempts=2,
    backoff_s=60.0,
    dry_run=True,
)

_CHECK = Spec(
    name="check_consistency",
    title="Check consistency",
    description="Looks for entries in the database that contradict each other, such as access of accounts that are "
    "gone, or changes that a run has left open. Mends what can be mended safely, and tells what a person has to look "
    "at.",
    category=CATEGORY,
    schedule=Calendar(expression="30 5 * * 1"),
    timeout_s=1800.0,
    attempts=2,
    backoff_s=60.0,
    dry_run=True,
)
