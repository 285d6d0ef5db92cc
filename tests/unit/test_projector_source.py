"""What has piled up in several streams is taken in the order in which it was written."""

from __future__ import annotations

from services.gateway.projector.source import ripe_of
from shared.messaging import Message


def batch(*written_ms: int, pending: int = 0) -> list[Message]:
    """Messages that a stream took at these moments; `pending` more follow the last one."""
    last = len(written_ms) - 1
    return [
        Message("any", b"", f"$JS.ACK.STREAM.consumer.1.{n}.{n}.{at * 1_000_000}.{last - n + pending}")
        for n, at in enumerate(written_ms)
    ]


def test_all_is_taken_when_nothing_is_to_come() -> None:
    assert ripe_of({"ticks": batch(1, 9), "reports": batch(5)}) == {"ticks": 2, "reports": 1}


def test_what_is_younger_than_what_is_to_come_has_to_wait() -> None:
    assert ripe_of({"ticks": batch(1, 3, pending=7), "reports": batch(2, 3, 4)}) == {"ticks": 2, "reports": 2}


def test_of_two_that_are_behind_the_older_one_sets_the_bound() -> None:
    held = {"ticks": batch(1, 8, pending=7), "reports": batch(2, 4, pending=1), "controls": batch(9)}
    assert ripe_of(held) == {"ticks": 1, "reports": 2}


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    assert ripe_of({"ticks": batch(50, 2, pending=7), "reports": batch(60)}) == {"ticks": 2}
