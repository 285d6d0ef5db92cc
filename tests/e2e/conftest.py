"""A browser, the page as it was built last, and tabs that are held to the page's promises."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.support.building import build_page
from tests.e2e.support.chromium import ARGUMENTS, CHROMIUM, NAMES
from tests.e2e.support.homes import Home, open_home
from tests.e2e.support.villages import Village, open_village
from tests.e2e.support.visitors import PATIENCE_MS, Visitors, log_in
from tests.support.databases import Databases

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser a process and one house a module, so their tests share a loop, and a module stays in one process."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", autouse=True)
def built_page() -> None:
    """Before anything starts: a gateway reads the page once."""
    build_page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium or Google's Chrome, headless, started once."""
    if CHROMIUM is None:
        pytest.skip(f"no Chromium here: install one of the packages {', '.join(NAMES)} to try the page in it")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser) -> AsyncIterator[Visitors]:
    """Opens tabs; what a page does against its promises fails the test."""
    made = Visitors(browser)
    yield made
    await made.leave()
    assert made.complaints == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing_home(browser: Browser, databases: Databases) -> AsyncIterator[Home]:
    """The house of a module's tests; none is built where there is no browser to see it."""
    async with open_home(databases) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def home(standing_home: Home) -> AsyncIterator[Home]:
    """The module's house, tidied when the test is over."""
    yield standing_home
    await standing_home.tidy()


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(home: Home, visitors: Visitors) -> Page:
    """A tab of somebody whom nobody knows yet."""
    return await visitors.tab(home.url)


@pytest_asyncio.fixture(loop_scope="session")
async def page(stranger: Page) -> Page:
    """The administrator's tab, on the jobs."""
    await log_in(stranger)
    return stranger


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def village(browser: Browser) -> AsyncIterator[Village]:
    """The village of a module's tests; each leaves the people of the others alone."""
    async with open_village() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def resident(village: Village, visitors: Visitors) -> Page:
    """The tab of the village's administrator, on the jobs."""
    tab = await visitors.tab(village.url)
    await log_in(tab)
    return tab
