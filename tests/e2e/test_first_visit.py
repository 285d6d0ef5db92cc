"""The first visit: nothing is set up, and three steps lead to a first sync of a (simulated) Jellyfin server."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.support.visitors import Visitors, log_in
from tests.support.folders import short_folder
from tests.support.gateways import PASSWORD
from tests.support.processes import Processes

STARTED_WITHIN_S = 60
SMALL = ("--plex", "1", "--jellyfin", "1", "--people", "6", "--libraries", "4")


@dataclass(frozen=True, kw_only=True)
class Jellyfin:
    url: str
    token: str


@dataclass(frozen=True, kw_only=True)
class NewHome:
    """Where `showrunner up` listens, with nothing set up, and a server that could be added."""

    url: str
    jellyfin: Jellyfin


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def new_home(browser: Browser) -> AsyncIterator[NewHome]:
    with short_folder() as folder:
        processes = Processes(folder)
        try:
            simulators = processes.python("-m", "tests.simulators", *SMALL)
            env = {"SHOWRUNNER_ADMIN_PASSWORD": PASSWORD, "SHOWRUNNER_PORT": "0"}
            product = processes.python("-m", "services.cli", "up", "--data", str(folder / "data"), env=env)
            line = await simulators.line(r'^\{"kind": ?"jellyfin".*$')
            told = json.loads(line.group())
            at = await product.line(r"listens on (http://\S+)", timeout=STARTED_WITHIN_S)
            yield NewHome(url=at.group(1), jellyfin=Jellyfin(url=told["url"], token=told["token"]))
            await product.stop()
        finally:
            processes.end_all()


async def add_server(page: Page, server: Jellyfin, token: str) -> None:
    """Fill in the form and send it."""
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Jellyfin", exact=True).check()
    await dialog.get_by_label("Name").fill("Living room")
    await dialog.get_by_label("Address").fill(server.url)
    await dialog.get_by_label("API key").fill(token)
    await dialog.get_by_role("button", name="Check and add").click()


async def test_three_steps_from_nothing_to_the_first_sync(new_home: NewHome, visitors: Visitors) -> None:
    page = await visitors.tab(new_home.url)
    await log_in(page)
    steps = page.get_by_role("region", name="Three steps to begin with")
    await expect(steps.get_by_role("listitem")).to_have_count(3)
    await steps.get_by_role("link", name="Add a server").click()

    await add_server(page, new_home.jellyfin, "not its key")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    await add_server(page, new_home.jellyfin, new_home.jellyfin.token)
    await expect(page.get_by_role("status").get_by_text("Living room is added.")).to_be_visible()
    await expect(page.get_by_role("article").locator("[data-state=up]")).to_be_visible()

    await page.get_by_role("link", name="Jobs").click()
    await steps.get_by_role("button", name="Sync now").click()
    await expect(steps.get_by_text(re.compile(r"\d+ librar(y is|ies are) known\."))).to_be_visible()
    await expect(steps.locator("li.done")).to_have_count(3)
    await steps.get_by_role("button", name="Put the first steps away").click()
    await expect(steps).to_have_count(0)
    await page.reload()
    await page.locator("[data-job]").first.wait_for()
    await expect(steps).to_have_count(0)

    await page.get_by_role("link", name="Servers").click()
    await page.get_by_text(re.compile(r"^\d+ librar(y|ies)$")).click()
    assert await page.get_by_role("article").locator("details li").count() >= 1
    await page.get_by_role("link", name="People").click()
    await expect(page.get_by_role("row")).not_to_have_count(0)
