"""A job that is told to wait for quiet, on the jobs page."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.support.visitors import choose


async def test_a_job_is_told_to_wait_for_quiet(page: Page) -> None:
    await choose(page, "nightly", "Wait for quiet…")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Quiet for Nightly")
    await expect(dialog.get_by_label("From")).to_have_count(0)
    await dialog.get_by_label("Until nobody streams on the server").check()
    await dialog.get_by_label("Only at these hours").check()
    await expect(dialog).to_contain_text("Time of UTC")
    await dialog.get_by_label("From").fill("22:30")
    await dialog.get_by_label("Until", exact=True).fill("22:30")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("they begin when they end")
    await dialog.get_by_label("Until", exact=True).fill("05:30")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)

    await choose(page, "nightly", "Wait for quiet…")
    await expect(dialog.get_by_label("Until nobody streams on the server")).to_be_checked()
    await expect(dialog.get_by_label("From")).to_have_value("22:30")
    await expect(dialog.get_by_label("Until", exact=True)).to_have_value("05:30")
    await dialog.get_by_label("Only at these hours").uncheck()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await choose(page, "nightly", "Wait for quiet…")
    await expect(dialog.get_by_label("Only at these hours")).not_to_be_checked()


async def test_only_jobs_that_can_wait_offer_it(page: Page) -> None:
    await page.locator("[data-job=greet]").get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitem", name="Why didn't it run?")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Wait for quiet…")).to_have_count(0)


async def test_the_drawer_tells_what_a_job_needs_for_itself(page: Page) -> None:
    await choose(page, "nightly", "Why didn't it run?")
    await expect(page.get_by_role("dialog")).to_contain_text("For itself alone it needs: kitchen")
