"""Pace, second tries and cool-down of the gate before a server, on a clock that stands still unless somebody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workers.clients import rules
from services.workers.clients.outside import Gate
from services.workers.clients.rules import Manners, Standing
from shared.outside.errors import Malformed, OutsideError, Refused, Unauthorized, Unreachable

MANNERS = Manners(
    gap=1.0, patience=5.0, tries=3, first_pause=2.0, longest_pause=10.0, failures_to_cool=3, cool_down=60.0
)


class StillClock:
    """A clock that moves only when somebody sleeps by it."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time = max(self.time, self.time + seconds)
        await asyncio.sleep(0)


def gate(clock: StillClock, manners: Manners = MANNERS) -> Gate:
    return Gate("Attic", manners, clock=clock, chance=lambda: 0.5)


def answers(clock: StillClock, *script: OutsideError | str) -> tuple[Callable[[], Awaitable[str]], list[float]]:
    """A request that goes through the script, and the times at which it was made."""
    times: list[float] = []

    async def ask() -> str:
        times.append(clock.now())
        answer = script[min(len(times), len(script)) - 1]
        if isinstance(answer, OutsideError):
            raise answer
        return answer

    return ask, times


async def test_requests_keep_the_pace() -> None:
    clock = StillClock()
    ask, times = answers(clock, "yes")
    way = gate(clock)
    for _ in range(4):
        assert await way.read(ask) == "yes"
    assert times == [100.0, 101.0, 102.0, 103.0]


@pytest.mark.parametrize(
    "trouble", [Unreachable("gone"), Malformed("cut"), Refused("busy", status=503, transient=True)]
)
async def test_what_may_pass_is_asked_again_after_a_growing_pause(trouble: OutsideError) -> None:
    clock = StillClock()
    ask, times = answers(clock, trouble, trouble, "yes")
    assert await gate(clock).read(ask) == "yes"
    assert times == [100.0, 101.0, 103.0], "half of 2 s, then half of 4 s"


@pytest.mark.parametrize("trouble", [Unauthorized("no"), Refused("never", status=404)])
async def test_what_will_not_pass_is_asked_once(trouble: OutsideError) -> None:
    clock = StillClock()
    ask, times = answers(clock, trouble)
    with pytest.raises(type(trouble)):
        await gate(clock).read(ask)
    assert len(times) == 1


async def test_the_last_error_is_told_when_tries_are_used_up() -> None:
    clock = StillClock()
    ask, times = answers(clock, Malformed("first"), Malformed("second"), Malformed("third"))
    with pytest.raises(Malformed, match="third"):
        await gate(clock).read(ask)
    assert len(times) == MANNERS.tries


async def test_a_server_that_asks_for_time_gets_it() -> None:
    clock = StillClock()
    ask, times = answers(clock, Refused("slow down", status=429, transient=True, retry_after=7.0), "yes")
    assert await gate(clock).read(ask) == "yes"
    assert times == [100.0, 108.0], "7 s as asked, and half of 2 s"


async def test_a_server_that_asks_for_too_much_time_is_not_waited_for() -> None:
    clock = StillClock()
    ask, times = answers(clock, Refused("tomorrow", status=503, transient=True, retry_after=86_400.0))
    with pytest.raises(Refused):
        await gate(clock).read(ask)
    assert times == [100.0]


async def test_a_server_that_does_not_answer_is_left_alone_and_then_asked_again() -> None:
    clock = StillClock()
    way = gate(clock)
    down, tried = answers(clock, Unreachable("gone"))
    with pytest.raises(Unreachable, match="gone"):
        await way.read(down)
    assert len(tried) == MANNERS.failures_to_cool
    with pytest.raises(Unreachable, match="Attic did not answer 3 times and is left alone for 60 s"):
        await way.read(down)
    assert len(tried) == MANNERS.failures_to_cool, "nobody knocked"
    await clock.sleep(MANNERS.cool_down)
    up, _ = answers(clock, "yes")
    assert await way.read(up) == "yes"
    with pytest.raises(Unreachable, match="gone"):
        await way.read(answers(clock, Unreachable("gone"))[0])


async def test_refusals_do_not_cool_since_they_are_answers() -> None:
    clock = StillClock()
    way = gate(clock)
    ask, times = answers(clock, Refused("never", status=404))
    for _ in range(5):
        with pytest.raises(Refused):
            await way.read(ask)
    assert len(times) == 5


def looks(*script: bool | OutsideError) -> tuple[Callable[[], Awaitable[bool]], list[bool | OutsideError]]:
    """A look that goes through the script, and what it has found."""
    found: list[bool | OutsideError] = []

    async def landed() -> bool:
        found.append(script[len(found)])
        if isinstance(found[-1], OutsideError):
            raise found[-1]
        return bool(found[-1])

    return landed, found


async def test_a_write_that_is_answered_is_not_looked_at() -> None:
    clock = StillClock()
    ask, times = answers(clock, "done")
    landed, found = looks()
    assert await gate(clock).write(ask, landed) == "done"
    assert (times, found) == ([100.0], [])


@pytest.mark.parametrize(
    "trouble", [Unreachable("gone"), Malformed("cut"), Refused("busy", status=502, transient=True)]
)
async def test_a_write_whose_answer_was_lost_is_made_again_only_if_it_had_no_effect(trouble: OutsideError) -> None:
    clock = StillClock()
    ask, times = answers(clock, trouble)
    landed, found = looks(True)
    assert await gate(clock).write(ask, landed) is None
    assert (len(times), found) == (1, [True])
    ask, times = answers(clock, trouble, "done")
    landed, found = looks(False)
    assert await gate(clock).write(ask, landed) == "done"
    assert (len(times), found) == (2, [False])


async def test_a_write_that_is_refused_is_neither_looked_at_nor_made_again() -> None:
    clock = StillClock()
    ask, times = answers(clock, Refused("never", status=400))
    landed, found = looks()
    with pytest.raises(Refused):
        await gate(clock).write(ask, landed)
    assert (len(times), found) == (1, [])


async def test_a_refusal_after_a_lost_answer_may_come_of_the_first_try() -> None:
    clock = StillClock()
    ask, times = answers(clock, Unreachable("gone"), Refused("there is one already", status=400))
    landed, found = looks(False, True)
    assert await gate(clock).write(ask, landed) is None
    assert (len(times), found) == (2, [False, True])


async def test_a_write_is_looked_at_after_the_last_try_too() -> None:
    clock = StillClock()
    for last in (True, False):
        ask, times = answers(clock, Malformed("cut"))
        landed, found = looks(False, False, last)
        if last:
            assert await gate(clock).write(ask, landed) is None
        else:
            with pytest.raises(Malformed):
                await gate(clock).write(ask, landed)
        assert (len(times), len(found)) == (MANNERS.tries, MANNERS.tries)


async def test_a_write_is_not_made_again_unseen() -> None:
    clock = StillClock()
    ask, times = answers(clock, Unreachable("gone"))
    landed, _ = looks(Unauthorized("no"))
    with pytest.raises(Unauthorized):
        await gate(clock).write(ask, landed)
    assert len(times) == 1


async def test_no_answer_in_time_is_unreachable() -> None:
    asked = asyncio.Event()

    async def silent() -> str:
        asked.set()
        await asyncio.Event().wait()
        return "never"

    manners = Manners(gap=0.0, patience=0.01, tries=1)
    with pytest.raises(Unreachable, match=r"Attic did not answer within 0\.01 s"):
        await Gate("Attic", manners).read(silent)
    assert asked.is_set()


async def test_a_cancelled_request_is_cancelled() -> None:
    asked = asyncio.Event()

    async def silent() -> None:
        asked.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(Gate("Attic", MANNERS).read(silent))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@given(nows=st.lists(st.floats(min_value=0, max_value=1e6), max_size=30), gap=st.floats(min_value=0, max_value=60))
def test_turns_are_never_nearer_than_the_gap(nows: list[float], gap: float) -> None:
    manners, standing, turns = Manners(gap=gap), Standing(), []
    for now in sorted(nows):
        standing, turn = rules.booked(standing, manners, now)
        assert turn >= now
        turns.append(turn)
    assert all(later - earlier >= gap - 1e-6 for earlier, later in pairwise(turns))


@given(tries=st.integers(min_value=1, max_value=10), chance=st.floats(min_value=0, max_value=1))
def test_pauses_are_bounded_and_end(tries: int, chance: float) -> None:
    delay = rules.pause(MANNERS, tries, chance, None)
    assert (delay is None) == (tries >= MANNERS.tries)
    assert delay is None or 0 <= delay <= MANNERS.longest_pause
