"""A job that runs by hand until somebody resumes it, what it warns of, and what a run of it has changed."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.e2e.support.visitors import choose

BY_HAND = "It runs by hand only. Resume it to have it run on schedule, too."


async def mending(page: Page) -> Locator:
    """The card of the job, which is an advanced one."""
    await page.goto("/admin/preferences")
    await page.get_by_role("switch", name="Show advanced jobs").check()
    await page.goto("/admin/jobs")
    return page.locator("[data-job=mend]")


async def test_it_says_that_it_runs_by_hand_until_it_is_resumed(page: Page) -> None:
    job = await mending(page)
    await expect(job.locator("dl")).to_contain_text("by hand")
    await expect(job.get_by_text(BY_HAND, exact=True)).to_be_visible()
    await choose(page, "mend", "Why didn't it run?")
    await expect(page.get_by_role("dialog")).to_contain_text(BY_HAND)
    await page.keyboard.press("Escape")
    await job.get_by_role("button", name="Resume").click()
    await expect(job.locator("[data-status=idle]")).to_be_visible()
    await expect(job.get_by_text(BY_HAND)).to_have_count(0)


async def test_what_a_description_stresses_is_strong(page: Page) -> None:
    job = await mending(page)
    await expect(job.locator("strong")).to_have_text("Not in the rain!")
    await expect(job.get_by_text("**")).to_have_count(0)


async def test_only_what_differs_of_nested_fields_is_told_in_words(page: Page) -> None:
    job = await mending(page)
    await job.get_by_role("button", name="Run now").click()
    await job.locator("dl").get_by_role("link").click()
    row = page.get_by_role("row").filter(has_text="a film")
    await expect(row.locator("li").first).to_have_text("Jellyfin · times played01")
    await expect(row.locator("li").last).to_have_text("Jellyfin · watchednoyes")
    await expect(row.locator("li")).to_have_count(2)
