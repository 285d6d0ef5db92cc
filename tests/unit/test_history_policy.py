"""How long history is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec import structs

from services.workers.maintenance.history import NAMES, told
from shared.history.policy import KINDS, LEAST, HistoryPolicy, Kind, limits

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FOR_EVER = HistoryPolicy(**dict.fromkeys(KINDS, 0))


def test_every_kind_can_be_set_and_has_a_name() -> None:
    assert set(structs.asdict(HistoryPolicy())) == set(KINDS) == set(NAMES)


def test_what_is_kept_for_ever_has_no_limit() -> None:
    assert limits(FOR_EVER, NOW) == {}
    assert limits(structs.replace(FOR_EVER, runs=90), NOW) == {"runs": NOW - timedelta(days=90)}


@pytest.mark.parametrize("kind", LEAST)
def test_what_work_needs_is_kept_as_long(kind: Kind) -> None:
    least = LEAST[kind]
    assert msgspec.convert({kind: least}, HistoryPolicy).days(kind) == least
    with pytest.raises(msgspec.ValidationError, match=f"`{kind}`: at least {least} days"):
        msgspec.convert({kind: least - 1}, HistoryPolicy)


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"audit": 3661}, {"cats": 1}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, HistoryPolicy)


def test_it_is_told_how_many_of_what() -> None:
    assert told({"runs": 1204, "alerts": 88}) == "1,204 runs, 88 alerts"
