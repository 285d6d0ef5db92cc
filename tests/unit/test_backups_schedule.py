"""When backups are made by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.workers.maintenance.backups_jobs import every_third_night
from shared.timing.slots import compile_schedule

BERLIN = ZoneInfo("Europe/Berlin")


def test_every_third_night_whatever_month_begins() -> None:
    timetable = compile_schedule(every_third_night(BERLIN), "backup")
    moment, nights = int(datetime(2026, 1, 27, tzinfo=UTC).timestamp() * 1000), []
    for _ in range(3):
        moment = timetable.next_after(moment)
        nights.append(datetime.fromtimestamp(moment / 1000, BERLIN))
    assert [f"{night:%d.%m. %H:%M}" for night in nights] == ["28.01. 03:00", "31.01. 03:00", "03.02. 03:00"]
