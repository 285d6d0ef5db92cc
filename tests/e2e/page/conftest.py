"""A browser, and a house with a person in it who uses the page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.e2e.page.jobs import Gate, household
from tests.e2e.page.relay import Relay, relay
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 10_000


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test here has a house, a browser and a loop of its own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.asyncio(loop_scope="function"), append=False)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install the package chromium to try the page in it")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        await started.close()


@pytest.fixture
def gate() -> Gate:
    """What the job `linger` waits for."""
    return Gate()


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def front() -> AsyncIterator[Relay]:
    """The address that browsers know."""
    async with relay() as made:
        yield made


@pytest.fixture
async def admin(home: House, front: Relay, gate: Gate) -> Person:
    """The administrator as a client of the API, once everything is there."""
    jobs = household(gate)
    await home.scheduler()
    await home.worker(*jobs)
    person, _ = await home.gateway()
    front.target = home.listening[-1].port
    await person.log_in()

    async def all_known() -> bool:
        answer = await person.read("/api/jobs?advanced=true")
        return answer["scheduler"]["state"] == "leading" and len(answer["jobs"]) == len(jobs)

    await wait_until(all_known, what="a leading scheduler and all jobs")
    return person


@pytest.fixture
async def visitor(admin: Person, browser: Browser, front: Relay) -> AsyncIterator[Page]:
    """A browser's tab before the log-in page. A page that throws an error, or breaks its own policy, fails the test."""
    async with await browser.new_context(base_url=front.url, locale="en-GB", timezone_id="Europe/Berlin") as context:
        page = await fresh_tab(context)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        yield page
        assert errors == []


@pytest.fixture
async def page(visitor: Page) -> Page:
    """The administrator's tab, on the jobs."""
    await log_in(visitor)
    return visitor


async def fresh_tab(context: BrowserContext) -> Page:
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


async def log_in(page: Page, account: str = "admin", password: str = PASSWORD) -> None:
    """Through the form, as a person does, until the jobs are there."""
    await page.goto("/")
    await page.locator("input[name=account]").fill(account)
    await page.locator("input[name=password]").fill(password)
    await page.locator("form button.primary").click()
    await page.locator("[data-job=greet]").wait_for()
