"""The page for everybody: by the keyboard alone, for screen readers, in French, on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.page.conftest import fresh_tab, log_in
from tests.e2e.page.relay import Relay
from tests.support.gateways import Person

AXE = Path(__file__).parents[3] / "services/gateway/web/node_modules/axe-core/axe.min.js"
PLACES = ("jobs", "runs", "servers", "people", "accounts", "audit", "preferences")


async def serious(page: Page) -> list[str]:
    """What axe-core finds wrong with the page, serious and worse."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    browser: Browser, front: Relay, admin: Person, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(
        base_url=front.url, locale="en-GB", color_scheme=scheme, reduced_motion="reduce"
    )
    page = await fresh_tab(context)
    await page.goto("/")
    await page.locator("form").wait_for()
    assert await serious(page) == []
    await log_in(page)
    for job in ("break", "linger"):
        await page.locator(f"[data-job={job}]").get_by_role("button", name="Run now").click()
    await page.locator("[data-job=greet]").get_by_role("button", name="Pause", exact=True).click()
    await page.locator("[data-job=break] [data-status=error]").wait_for()
    assert await serious(page) == []
    await page.keyboard.press("v")
    assert await serious(page) == []
    for place in PLACES:
        await page.goto(f"/admin/{place}")
        await page.locator("h1").wait_for()
        assert await serious(page) == [], place
    await context.close()


async def test_the_keyboard_alone_finds_runs_pauses_and_asks_why(page: Page) -> None:
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("linger")
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-job]")).to_have_count(1)
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("j")
    await expect(page.locator("[data-job=linger]")).to_be_focused()
    await page.keyboard.press("r")
    await expect(page.locator("[data-job=linger] [data-status=running]")).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.locator("[data-job=linger] [data-status=idle]")).to_be_visible()
    await page.keyboard.press("p")
    await expect(page.locator("[data-job=linger] [data-status=paused]")).to_be_visible()
    await page.keyboard.press("w")
    await expect(page.get_by_role("dialog")).to_contain_text("The job is paused.")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-job=linger]")).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("audit")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Audit")).to_be_visible()


async def test_it_speaks_french(browser: Browser, front: Relay, admin: Person) -> None:
    async with await browser.new_context(base_url=front.url, locale="fr-FR") as context:
        page = await fresh_tab(context)
        await log_in(page)
        await expect(page.get_by_role("heading", name="Tâches")).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await expect(page.locator("[data-job=greet]").get_by_text("Toutes les heures")).to_be_visible()
        await page.goto("/admin/preferences")
        await page.get_by_label("Langue").select_option("de")
        await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()


async def test_it_fits_a_phone(browser: Browser, front: Relay, admin: Person) -> None:
    async with await browser.new_context(
        base_url=front.url, locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True
    ) as context:
        page = await fresh_tab(context)
        await log_in(page)
        for view in ("Cards", "Table"):
            await page.get_by_role("button", name=view).click()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        await page.locator("[data-job=greet]").get_by_role("button", name="Pause", exact=True).click()
        await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible()
        for place in PLACES:
            await page.goto(f"/admin/{place}")
            await page.locator("h1").wait_for()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place


async def test_times_follow_the_chosen_zone(page: Page) -> None:
    await page.goto("/admin/preferences")
    await page.get_by_label("Time zone").select_option("Asia/Tokyo")
    await expect(page.get_by_text("Times in Asia/Tokyo")).to_be_visible()
    await page.goto("/admin/jobs")
    due = page.locator("[data-job=greet] time").first
    assert "Asia/Tokyo" in (await due.get_attribute("title") or "")
