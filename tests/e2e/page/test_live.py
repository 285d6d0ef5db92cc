"""What the page does when the gateway dies."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Page, expect

from tests.e2e.page.conftest import fresh_tab, log_in
from tests.e2e.page.relay import Relay
from tests.support.gateways import House, Person

BACK_WITHIN_MS = 15_000


async def test_it_says_so_polls_and_comes_back_by_itself(page: Page, home: House, front: Relay, admin: Person) -> None:
    banner = page.locator("[data-connection]")
    await expect(banner).to_have_count(0)
    front.cut()
    await expect(banner).to_contain_text("Showrunner does not answer.")
    # Meanwhile something happens that the page can't hear.
    assert (await admin.post("/api/jobs/greet/pause"))[0] == 200
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()

    await home.gateway()
    front.target = home.listening[-1].port
    await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible(timeout=BACK_WITHIN_MS)
    await expect(banner).to_have_count(0, timeout=BACK_WITHIN_MS)
    assert (await admin.post("/api/jobs/greet/resume"))[0] == 200
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()


async def test_without_the_stream_it_polls(browser: Browser, front: Relay, admin: Person) -> None:
    async with await browser.new_context(base_url=front.url, locale="en-GB") as context:
        page = await fresh_tab(context)
        await page.route("**/api/jobs/sse", lambda route: asyncio.ensure_future(route.abort()))
        await log_in(page)
        await expect(page.locator("[data-connection=polling]")).to_be_visible()
        assert (await admin.post("/api/jobs/greet/pause"))[0] == 200
        await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible()
        await page.unroute("**/api/jobs/sse")
        await expect(page.locator("[data-connection]")).to_have_count(0)
