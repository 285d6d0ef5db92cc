"""A cancellation reaches whoever waits, in whichever turn of the event loop it comes."""

from __future__ import annotations

import asyncio

import pytest

from shared.runtime.cancellation import keep_cancellations, wait_for

keep_cancellations()


@pytest.mark.parametrize("turns", range(6))
async def test_one_that_comes_with_the_result_is_not_lost(turns: int) -> None:
    result: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def waits() -> None:
        # As our libraries call it.
        await asyncio.wait_for(result, 60)
        await asyncio.Event().wait()

    waiting = asyncio.ensure_future(waits())
    await asyncio.sleep(0)
    result.set_result("there")
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_what_is_waited_for_comes_or_fails_as_it_is() -> None:
    async def told(error: Exception | None) -> str:
        if error:
            raise error
        return "there"

    assert await wait_for(told(None), None) == await wait_for(told(None), 60) == "there"
    with pytest.raises(LookupError, match="no such thing"):
        await wait_for(told(LookupError("no such thing")), 60)


async def test_too_long_a_wait_ends_and_what_was_waited_for_with_it() -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError):
        await wait_for(never, 0.01)
    assert never.cancelled()
