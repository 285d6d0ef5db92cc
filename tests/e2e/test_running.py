"""Jobs run by hand, as it is seen on the jobs page."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import choose, second_tab
from tests.support.waiting import wait_until


async def test_run_now_is_seen_live_in_a_second_tab_and_becomes_cancel(page: Page, home: Home) -> None:
    before = (await home.job("linger"))["run_count"]
    other = await second_tab(page)
    there = other.locator("[data-job=linger]")
    await expect(there.locator("[data-status=idle]")).to_be_visible()

    await page.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await expect(page.get_by_role("status").get_by_text("Lingering has started.")).to_be_visible()
    await expect(there.locator("[data-status=running]")).to_be_visible()
    await expect(there.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    await expect(there.get_by_text("at the gate")).to_be_visible()
    await expect(there.get_by_role("button", name="Cancel")).to_be_visible()
    await expect(other).to_have_title(re.compile("▶ 1"))
    await expect(other.locator("#tab-icon")).to_have_attribute("href", re.compile("running|failed"))

    home.gate.open()
    await expect(there.locator("[data-status=idle]")).to_be_visible()
    await expect(there.get_by_role("button", name="Run now")).to_be_visible()
    await expect(there.get_by_text(re.compile(rf"^{before + 1} runs?$"))).to_be_visible()
    await expect(there.get_by_title("went through")).to_be_visible()


async def test_a_run_is_cancelled_from_the_card(page: Page) -> None:
    job = page.locator("[data-job=linger]")
    await job.get_by_role("button", name="Run now").click()
    await job.get_by_role("button", name="Cancel").click()
    await expect(job.get_by_role("button", name="Run now")).to_be_visible()
    await expect(job.get_by_title("cancelled", exact=True)).to_be_visible()


async def test_a_failure_shows_its_error_and_marks_the_tab(page: Page) -> None:
    job = page.locator("[data-job=break]")
    await job.get_by_role("button", name="Run now").click()
    await expect(job.locator("[data-status=error]")).to_be_visible()
    await expect(job.get_by_text("It is broken, and this is why.")).to_be_visible()
    await expect(page).to_have_title(re.compile("✕ 1"))
    await expect(page.locator("#tab-icon")).to_have_attribute("href", "/icons/failed.svg")


async def test_parameters_and_dry_run_reach_the_job(page: Page, home: Home) -> None:
    await choose(page, "greet", "Run with options…")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Whom").fill("Vera")
    await dialog.get_by_label("Dry run").check()
    await dialog.get_by_role("button", name="Try it").click()

    async def seen() -> bool:
        runs = (await home.admin.read("/api/runs?job=greet"))["runs"]
        return bool(runs) and runs[0]["params"] == {"who": "Vera"} and runs[0]["dry_run"]

    await wait_until(seen, what="a dry run for Vera")


async def test_what_a_second_click_would_start_is_refused_in_words(page: Page, home: Home) -> None:
    other = await second_tab(page)
    await other.locator("[data-job=linger]").wait_for()
    await other.get_by_role("button", name="Pause live updates").click()
    await page.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await expect(page.locator("[data-job=linger] [data-status=running]")).to_be_visible()
    await other.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await expect(other.get_by_role("status").get_by_text(re.compile("running", re.IGNORECASE))).to_be_visible()
