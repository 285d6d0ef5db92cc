"""The jobs of a storm, and the effects that each of their runs is to have."""

from __future__ import annotations

from uuid import UUID

from shared.contracts.specs import CatchUp, Overlap, Spec
from tests.support.handlers import every, spec

CATCH_UPS: tuple[CatchUp, ...] = ("latest", "all", "none")
OVERLAPS: tuple[Overlap, ...] = ("skip", "queue")
CATCH_UP_LIMIT = 5
STEPS = 5
# More than a run can lose to the weather: whoever has used them up was let down by somebody.
ATTEMPTS = 60
PAUSED_NOW_AND_THEN = "stamp_0"


def jobs() -> list[Spec]:
    """Short runs and long ones, and such as fail at first, with every rule for overlaps and missed slots."""
    return [
        *(_job(f"stamp_{number}", 1000 + 170 * number, number) for number in range(9)),
        *(_job(f"steps_{number}", 4000 + 700 * number, number) for number in range(6)),
        *(_job(f"flaky_{number}", 2500 + 300 * number, number) for number in range(6)),
    ]


def _job(name: str, every_ms: int, number: int) -> Spec:
    return spec(
        name,
        every(every_ms),
        overlap=OVERLAPS[number % len(OVERLAPS)],
        catch_up=CATCH_UPS[number % len(CATCH_UPS)],
        catch_up_limit=CATCH_UP_LIMIT,
        attempts=ATTEMPTS,
        backoff_s=0.1,
    )


def effects(job: str, run: UUID | str) -> list[str]:
    """The keys of what a run of this job does outside."""
    if job.startswith("steps"):
        return [f"{run}.{number}" for number in range(STEPS)]
    return [str(run)]
