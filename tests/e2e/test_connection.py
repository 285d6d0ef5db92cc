"""What the page does when the gateway is killed, and when only its event stream is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from shared.contracts import codec, subjects
from shared.contracts.specs import Interval, Spec
from shared.contracts.ticks import Tick
from shared.messaging import After, connect, read_all
from tests.e2e.support.streets import Street, open_street
from tests.e2e.support.visitors import Visitors, log_in
from tests.support.databases import Databases
from tests.support.waiting import wait_until

BEAT = "quick_beat"
BACK_WITHIN_MS = 30_000


def _spec(name: str, every_ms: int) -> Spec:
    schedule = Interval(every_ms=every_ms)
    return Spec(name=name, title=name, description="A job of a test.", category="test", schedule=schedule)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def street(browser: Browser, databases: Databases) -> AsyncIterator[Street]:
    async with open_street(databases, [_spec(BEAT, 1_000), _spec("quick_rarely", 86_400_000)]) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(street: Street, visitors: Visitors) -> Page:
    tab = await visitors.tab(street.url)
    await log_in(tab)
    return tab


async def beats(street: Street) -> int:
    """How often the log says that the beat was fired, whether or not a gateway lives to tell it."""
    async with connect(street.nats_url, "test") as bus:
        messages = await read_all(bus, subjects.TICKS, (f"ticks.*.{BEAT}.slot",), After(0))
    return sum(isinstance(codec.decode_tick_event(message.data), Tick) for message in messages)


async def test_a_killed_gateway_is_told_of_and_nothing_is_missed_when_it_is_back(page: Page, street: Street) -> None:
    banner = page.locator("[data-connection]")
    await expect(page.locator(f"[data-job={BEAT}]").get_by_text(re.compile(r"^([2-9]|\d{2,}) runs$"))).to_be_visible()
    await expect(banner).to_have_count(0)

    await street.kill_gateway()
    await expect(banner).to_contain_text("Showrunner does not answer.")
    before = await beats(street)

    async def beaten() -> bool:
        return await beats(street) >= before + 3

    await wait_until(beaten, what="three more beats while nobody tells of them")
    await street.restart_gateway()
    await expect(banner).to_have_count(0, timeout=BACK_WITHIN_MS)

    await page.locator(f"[data-job={BEAT}]").get_by_role("button", name="Pause", exact=True).click()
    await expect(page.locator(f"[data-job={BEAT}] [data-status=paused]")).to_be_visible()
    fired = await beats(street)
    assert fired >= before + 3
    await expect(page.locator(f"[data-job={BEAT}]").get_by_text(f"{fired} runs", exact=True)).to_be_visible()


async def test_without_its_stream_the_page_polls_and_takes_the_stream_up_again(page: Page, street: Street) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    rarely = page.locator("[data-job=quick_rarely]")
    await page.route("**/api/jobs/sse", refuse)
    await page.reload()
    await expect(page.locator("[data-connection=polling]")).to_contain_text("asks every 5 seconds")
    assert (await street.admin.post("/api/jobs/quick_rarely/pause"))[0] == 200
    await expect(rarely.locator("[data-status=paused]")).to_be_visible()
    await page.unroute("**/api/jobs/sse")
    await expect(page.locator("[data-connection]")).to_have_count(0)
    assert (await street.admin.post("/api/jobs/quick_rarely/resume"))[0] == 200
    await expect(rarely.locator("[data-status=idle]")).to_be_visible()
