"""Five hundred jobs, a hundred of which change each second: the page stays fluid."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.workers.door import Job, Result, RunContext, succeeded
from shared.contracts.specs import Interval, Spec
from tests.e2e.page.relay import Relay
from tests.support.gateways import PASSWORD, House

JOBS = 500
EVERY_MS = 5_000  # a hundred runs a second, each of which changes its job
FIRST_PAINT_MS = 1_000
LONGEST_FRAME_MS = 100
WATCHED_MS = 5_000

WATCH_FRAMES = """async (watched) => {
    const frames = [];
    let changes = 0;
    const observer = new MutationObserver((records) => (changes += records.length));
    const everything = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(document.querySelector("main"), everything);
    const started = performance.now();
    for (let last = started; last - started < watched; ) {
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    return { longest: Math.max(...frames), frames: frames.length, changes };
}"""


async def nothing_to_do(run: RunContext) -> Result:
    return succeeded()


def many() -> tuple[Job, ...]:
    return tuple(
        Job(
            Spec(
                name=f"job_{number:03}",
                title=f"Job {number}",
                description="Finds nothing to do, often.",
                category="sync",
                schedule=Interval(every_ms=EVERY_MS, anchor_ms=number * EVERY_MS // JOBS),
            ),
            nothing_to_do,
        )
        for number in range(JOBS)
    )


@pytest.mark.bench
async def test_first_paint_and_frames(home: House, front: Relay, visitor_of_many: Page) -> None:
    page = visitor_of_many
    await page.goto("/")
    await page.locator("input[name=password]").fill(PASSWORD)
    started = await page.evaluate("performance.now()")
    await page.locator("form button.primary").click()
    await page.locator("[data-job]").first.wait_for()
    painted = await page.evaluate("new Promise((done) => requestAnimationFrame(() => done(performance.now())))")
    await expect(page.locator("[data-job]")).to_have_count(JOBS)
    seen: dict[str, Any] = await page.evaluate(WATCH_FRAMES, WATCHED_MS)
    print(f"first paint after {painted - started:.0f} ms; {seen}")
    assert seen["changes"] > JOBS
    assert painted - started < FIRST_PAINT_MS
    assert seen["longest"] < LONGEST_FRAME_MS


@pytest.fixture
async def visitor_of_many(home: House, front: Relay, browser: Any) -> Any:
    await home.scheduler()
    await home.worker(*many())
    person, _ = await home.gateway()
    front.target = home.listening[-1].port
    await person.log_in()
    async with await browser.new_context(base_url=front.url, locale="en-GB") as context:
        yield await context.new_page()
