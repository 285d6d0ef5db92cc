"""What the doctor makes of what it sees: clocks, disks and copies of streams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.doctor.clocks import clock
from services.cli.doctor.greeting import address_of
from services.cli.doctor.here import room
from services.cli.doctor.installation import running_nats, running_postgres
from services.cli.doctor.nats import copies

NOW = datetime(2030, 1, 31, 18, tzinfo=UTC)
GB = 1024**3


@pytest.mark.parametrize(
    ("ahead", "level"), [(0.3, "ok"), (5, "warning"), (-5, "warning"), (3600, "fault"), (-3600, "fault")]
)
def test_clocks(ahead: float, level: str) -> None:
    found = clock("NATS", NOW + timedelta(seconds=ahead), NOW)
    assert found.level == level and ("behind" in found.what) == (ahead > 2)


@pytest.mark.parametrize(("free", "level"), [(50 * GB, "ok"), (GB, "warning"), (GB // 10, "fault")])
def test_disks(free: int, level: str) -> None:
    assert room(free, Path("/data")).level == level


def test_copies_that_are_too_few_or_behind() -> None:
    peers = [{"name": "a", "current": True}, {"name": "b", "current": False}]
    info = {"config": {"num_replicas": 3}, "cluster": {"replicas": peers}}
    assert copies("TICKS", {"config": {"num_replicas": 3}}, 3) == []
    assert [found.level for found in copies("TICKS", info, 3)] == ["warning"]
    assert [found.level for found in copies("TICKS", info, 1)] == ["fault", "warning"]


def test_an_address_is_told_without_its_secret() -> None:
    assert address_of("nats://token@nats.example.org") == "nats.example.org:4222"


def test_servers_that_do_not_run_have_no_address(folder: Path) -> None:
    assert running_nats(folder) == "" and running_postgres(folder) == ""
