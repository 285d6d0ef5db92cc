"""What a browser has to fetch before the page is there, and what it fetches later."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Response, Route, expect

from tests.e2e.support.building import BUILT
from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import Visitors, log_in

MOST_SCRIPT_BYTES = 100_000
"""Compressed, for the first visit, in one language."""
PEOPLE = re.compile("/PeoplePage-.*js$")
"""The code of a page."""


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
async def test_a_first_visit_fetches_little(home: Home, visitors: Visitors, language: str) -> None:
    page = await visitors.tab(home.url, locale=language)
    scripts: list[Response] = []
    page.on("response", lambda response: scripts.append(response) if response.url.endswith(".js") else None)
    await log_in(page)
    sizes = [(await response.request.sizes())["responseBodySize"] for response in scripts]
    print(f"{language}: {len(sizes)} scripts, {sum(sizes)} bytes compressed")
    assert sizes and sum(sizes) < MOST_SCRIPT_BYTES


async def test_a_page_is_fetched_when_the_pointer_is_on_its_link(page: Page) -> None:
    async with page.expect_response(PEOPLE):
        await page.get_by_role("link", name="People").hover()
    await page.get_by_role("link", name="People").click()
    await expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()


async def test_after_an_upgrade_a_page_that_is_gone_is_fetched_anew(page: Page) -> None:
    """Its code has another name then: the whole page is loaded once, at the place that was gone to."""
    loads = _loads(page)

    async def upgraded(route: Route) -> None:
        await page.unroute(PEOPLE)
        response = await route.fetch()
        newer = (await response.text()).replace("/assets/index-", "/assets/index-newer-")
        await route.fulfill(response=response, body=newer)

    await page.route(PEOPLE, _gone)
    await page.route("**/admin/", upgraded)
    await page.get_by_role("link", name="People").click()
    await expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    assert len(loads) == 1 and page.url.endswith("/admin/people")


async def test_a_page_that_can_not_be_fetched_says_so_and_is_not_tried_for_ever(page: Page) -> None:
    loads = _loads(page)
    await page.route(PEOPLE, _gone)
    await page.get_by_role("link", name="People").click()
    await expect(page.get_by_text("This page could not be loaded.")).to_be_visible()
    assert loads == []
    await page.unroute(PEOPLE)
    await page.get_by_role("button", name="Load it anew").click()
    await expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()


async def test_a_page_that_did_not_come_over_a_lost_connection_comes_with_it(page: Page) -> None:
    await page.context.set_offline(True)
    await page.get_by_role("link", name="Plans").click()
    await expect(page.get_by_role("alert").get_by_text("Showrunner does not answer")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_role("heading", name="Plans", level=1)).to_be_visible()


def _loads(page: Page) -> list[str]:
    """Where the whole page is loaded from now on."""
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    return loads


async def _gone(route: Route) -> None:
    await route.fulfill(status=404)


def test_nothing_in_it_points_elsewhere() -> None:
    texts = {path.name: path.read_text() for path in BUILT.rglob("*") if path.suffix in {".html", ".css"}}
    assert "index.html" in texts
    assert {
        name for name, text in texts.items() if re.search(r"(src|href)=.?(https?:)?//|url\(.?(https?:)?//", text)
    } == set()
    for name in ("index.html", "frame.html"):
        assert "<script>" not in texts[name] and "style=" not in texts[name]
