"""A year in fast motion: outages, renewals, suspensions, languages that change. Nobody is reminded twice of one date,
nobody who is due is missed.

`SHOWRUNNER_YEAR_DAYS` (365), `SHOWRUNNER_YEAR_PEOPLE` (30) and `SHOWRUNNER_YEAR_SEED` (1) make it another one.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.chaos.mail_year import Year, faults
from tests.simulators.smtp import SmtpSimulator
from tests.support.mailing import open_mailing

DAYS = int(os.environ.get("SHOWRUNNER_YEAR_DAYS", "365"))
PEOPLE = int(os.environ.get("SHOWRUNNER_YEAR_PEOPLE", "30"))
SEED = int(os.environ.get("SHOWRUNNER_YEAR_SEED", "1"))


@pytest.mark.slow
async def test_a_year_of_reminders(postgres: str, folder: Path) -> None:
    async with SmtpSimulator() as server, open_mailing(postgres, folder, server) as mailing:
        year = Year(mailing, Random(SEED))
        await year.begin(PEOPLE)
        for _ in range(DAYS):
            await year.day()
    found = list(faults(year))
    print(f"\n{len(server.messages)} messages, {len(year.down)} days of outage, seed {SEED}")
    assert not found, f"seed {SEED}: {len(found)} faults, first:\n{found[0]}"
    assert len(server.messages) > PEOPLE * DAYS / 120
