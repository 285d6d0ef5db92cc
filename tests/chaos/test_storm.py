"""A short storm; `make chaos` has longer ones.

`SHOWRUNNER_STORM_MINUTES` (1) and `SHOWRUNNER_STORM_SEED` (1).
"""

from __future__ import annotations

import os

import pytest

from tests.support.processes import Processes

MINUTES = os.environ.get("SHOWRUNNER_STORM_MINUTES", "1")
SEED = os.environ.get("SHOWRUNNER_STORM_SEED", "1")
# From the end of the weather until all accounts agree, and until all services have stopped.
CALM_S = 400


@pytest.mark.slow
@pytest.mark.timeout(float(MINUTES) * 60 + CALM_S + 60)
async def test_after_a_storm_all_accounts_agree(processes: Processes) -> None:
    storm = processes.python("-m", "tests.chaos.storm", "--minutes", MINUTES, "--seed", SEED)
    status = await storm.ended(float(MINUTES) * 60 + CALM_S)
    print(f"\n{storm.text}")
    assert status == 0, storm.text
