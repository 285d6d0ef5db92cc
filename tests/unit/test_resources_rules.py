"""Why a run can't have a resource now, from what stands in the bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.workers.runtime import rules_resources as rules
from shared.contracts import codec
from shared.contracts.resources import Holding, Occupied, is_resource, library_of, streams_beside, streams_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN, OTHER = UUID(int=1), UUID(int=2)
SERVER = UUID(int=0xA77)


def holding(run: UUID | None = RUN, worker: str = "first") -> bytes:
    return codec.encode(Holding(run=run, job="tidy", worker=worker, what="Attic's library", since=NOW))


def sign(what: str, share: float | None = None) -> bytes:
    return codec.encode(Occupied(what=what, share=share, since=NOW))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ""),
        (holding(), ""),
        (holding(OTHER), "Attic's library is held by tidy"),
        (holding(worker="second"), "Attic's library is held by tidy"),
        (holding(None), "Attic's library is held by tidy"),
        (b"{", rules.UNREADABLE),
        (sign("library scan"), rules.UNREADABLE),
    ],
)
def test_another_holder_is_named_and_ourselves_are_none(data: bytes, told: str) -> None:
    """Also our own entry that we do not know of, since the answer to it was lost."""
    assert rules.holder(data, "Attic's library", RUN, "first") == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ""),
        (sign(""), ""),
        (sign("", 0.5), ""),
        (sign("library scan on Attic"), "library scan on Attic"),
        (sign("library scan on Attic", 0.424), "library scan on Attic, 42 %"),
        (sign("library scan on Attic", 0.0), "library scan on Attic, 0 %"),
        (b"\xff", rules.UNREADABLE),
        (holding(), rules.UNREADABLE),
    ],
)
def test_what_is_seen_outside_is_told_with_its_share(data: bytes, told: str) -> None:
    assert rules.outside(data) == told


def test_that_nobody_looks_does_not_mean_that_nobody_streams() -> None:
    assert rules.streaming(b"") == rules.UNWATCHED
    assert rules.streaming(sign("")) == ""
    assert rules.streaming(sign("2 streams on Attic")) == "2 streams on Attic"


def test_patience_that_was_not_enough_is_told() -> None:
    assert rules.in_vain("library scan on Attic", 1800.0) == "waited 30m in vain: library scan on Attic"
    assert rules.in_vain("library scan on Attic", 0.5) == "waited 500ms in vain: library scan on Attic"
    assert rules.in_vain("library scan on Attic", 0.0) == "library scan on Attic"


def test_names_of_resources() -> None:
    for name in (library_of(SERVER), streams_of(SERVER), "disk", "a.b-c.d_1"):
        assert is_resource(name)
    for name in ("", ".", "a.", ".a", "a..b", "A", "a b", "a*", ">", "outside.disk", "a" * 129, "é", "a\n"):
        assert not is_resource(name)


def test_a_library_has_the_streams_of_its_server_beside_it() -> None:
    assert streams_beside(library_of(SERVER)) == streams_of(SERVER)
    assert streams_beside("disk.a") is None
