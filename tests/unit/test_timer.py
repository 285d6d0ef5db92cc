"""Going off after a while: never too early, and after the last time that was set."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest

from shared.runtime.clock import Alarm, now_ms
from shared.runtime.timer import KernelTimer, LoopTimer, Timer

# By the loop's own clock, which uvloop does not even keep to the millisecond.
COARSE_S = 0.002
LONG_S = 60.0

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="a timer of Linux")


@pytest.fixture(params=[pytest.param(KernelTimer, marks=on_linux), LoopTimer])
async def kind(request: pytest.FixtureRequest) -> Callable[[Callable[[], None]], Timer]:
    made: Callable[[Callable[[], None]], Timer] = request.param
    return made


async def went_off(event: asyncio.Event) -> float:
    """When, by the monotonic clock."""
    async with asyncio.timeout(5):
        await event.wait()
    event.clear()
    return time.monotonic()


async def test_it_goes_off_once_each_time_it_is_set(kind: Callable[[Callable[[], None]], Timer]) -> None:
    rung: list[float] = []
    event = asyncio.Event()

    def ring() -> None:
        rung.append(time.monotonic())
        event.set()

    timer = kind(ring)
    for delay_s in (0.03, 0.01, 1e-10):
        began = time.monotonic()
        timer.set(delay_s)
        assert await went_off(event) - began >= delay_s - COARSE_S
    timer.close()
    assert len(rung) == 3


async def test_what_was_set_before_is_forgotten(kind: Callable[[Callable[[], None]], Timer]) -> None:
    event = asyncio.Event()
    timer = kind(event.set)
    timer.set(LONG_S)
    timer.set(0.01)
    await went_off(event)
    began = time.monotonic()
    timer.set(0.001)
    timer.set(0.05)
    assert await went_off(event) - began >= 0.05 - COARSE_S
    timer.close()


@on_linux
async def test_closed_it_leaves_nothing_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    timer = KernelTimer(lambda: None)
    timer.set(LONG_S)
    timer.close()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.fixture
async def alarm() -> AsyncIterator[Alarm]:
    made = Alarm()
    yield made
    made.close()


async def test_an_alarm_waits_for_its_moment(alarm: Alarm) -> None:
    moment_ms = now_ms() + 30
    await alarm.until(moment_ms)
    assert now_ms() >= moment_ms - COARSE_S * 1000


@on_linux
async def test_who_wakes_for_a_moment_finds_that_it_is_there(alarm: Alarm) -> None:
    for after_ms in range(3, 23):
        moment_ms = now_ms() + after_ms
        await alarm.until(moment_ms)
        assert now_ms() >= moment_ms


async def test_an_alarm_that_rings_ends_the_sleep_now_or_next(alarm: Alarm) -> None:
    began = time.monotonic()
    sleep = asyncio.ensure_future(alarm.until(None))
    asyncio.get_running_loop().call_soon(alarm.ring)
    await sleep
    alarm.ring()
    await alarm.until(None)
    assert time.monotonic() - began < 1.0


async def test_an_alarm_is_woken_by_a_moment_that_comes_before_its_own(alarm: Alarm) -> None:
    began_ms = now_ms()
    sleep = asyncio.ensure_future(alarm.until(began_ms + 500))
    asyncio.get_running_loop().call_soon(alarm.wake_by, began_ms + 100)
    await sleep
    assert now_ms() < began_ms + 500


async def test_an_alarm_sleeps_on_when_the_moment_comes_after_its_own(alarm: Alarm) -> None:
    moment_ms = now_ms() + 50
    sleep = asyncio.ensure_future(alarm.until(moment_ms))
    asyncio.get_running_loop().call_soon(alarm.wake_by, moment_ms + 1000)
    await sleep
    assert now_ms() >= moment_ms - COARSE_S * 1000


async def test_a_moment_while_nobody_sleeps_rings_no_alarm(alarm: Alarm) -> None:
    await alarm.until(now_ms() + 5)
    alarm.wake_by(0)
    moment_ms = now_ms() + 30
    await alarm.until(moment_ms)
    assert now_ms() >= moment_ms - COARSE_S * 1000


async def test_an_alarm_sleeps_no_longer_than_a_second_lest_the_clock_is_set(alarm: Alarm) -> None:
    async with asyncio.timeout(5):
        await alarm.until(now_ms() + int(LONG_S * 1000))
