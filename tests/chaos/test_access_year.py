"""A year in fast motion: whatever happens in it, in the end everybody has what they should have, and nothing else.

`SHOWRUNNER_YEAR_DAYS` (365), `SHOWRUNNER_YEAR_PEOPLE` (200), `SHOWRUNNER_YEAR_SEED` (1).
"""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path
from random import Random

import pytest

from shared.access.terms import AccessPolicy
from tests.chaos.year import Calendar, Year
from tests.simulators.household import make_household
from tests.support.office import office

DAYS = int(os.environ.get("SHOWRUNNER_YEAR_DAYS", "365"))
PEOPLE = int(os.environ.get("SHOWRUNNER_YEAR_PEOPLE", "200"))
SEED = int(os.environ.get("SHOWRUNNER_YEAR_SEED", "1"))


@pytest.mark.slow
@pytest.mark.timeout(800)  # three minutes, where nothing else runs
async def test_after_a_year_everybody_has_what_they_should_have(postgres: str, folder: Path) -> None:
    household = make_household(seed=SEED, people=PEOPLE, plex_servers=1, libraries=8)
    calendar, chance = Calendar(date(2026, 1, 1)), Random(SEED)
    policy = AccessPolicy(most_people=6, lock_on_jellyfin=True)
    began = time.monotonic()
    async with office(postgres, folder, household=household, policy=policy, now=calendar.now) as here:
        year = await Year.begin(here, calendar, chance)
        await year.passes(DAYS)
        await year.comes_to_rest()
        faults = [*year.faults, *await year.audit.faults()]
    jobs = year.jobs
    print(
        f"\nseed {SEED}: {DAYS} days in {time.monotonic() - began:.0f} s; {len(jobs.writes.of)} changes, "
        f"{jobs.kills} kills, {jobs.failures} failures, {jobs.holds} holds, "
        f"{year.restored} renewals that brought {year.regained} libraries back"
    )
    if DAYS >= 365:
        assert min(jobs.kills, jobs.failures, jobs.holds, year.restored) > 0, f"seed {SEED}: too calm a year"
    assert not faults, f"seed {SEED}: {len(faults)} faults:\n{heads(faults)}\nThe story of the first:\n{faults[0]}"


def heads(faults: list[str]) -> str:
    """What is wrong, without the stories."""
    return "\n".join(fault.partition("\n")[0] for fault in faults)
