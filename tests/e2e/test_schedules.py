"""Schedules changed on the jobs page, and the account of why a job did not run."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import choose


async def test_pause_and_resume(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    await job.get_by_role("button", name="Pause", exact=True).click()
    await expect(job.locator("[data-status=paused]")).to_be_visible()
    await expect(job.locator("dl").get_by_text("paused")).to_be_visible()
    await expect(job.get_by_role("button", name="Run now")).to_be_enabled()
    await job.get_by_role("button", name="Resume").click()
    await expect(job.locator("[data-status=idle]")).to_be_visible()


async def test_a_pause_until_a_moment_carries_its_reason(page: Page, home: Home) -> None:
    await choose(page, "greet", "Pause until…")
    await page.get_by_label("For an hour").check()
    await page.get_by_label("Reason").fill("moving house")
    await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    job = page.locator("[data-job=greet]")
    await expect(job.locator("[data-status=paused]")).to_be_visible()
    await expect(job.get_by_title("moving house")).to_be_visible()
    await expect(job.get_by_text(re.compile("until in 5\\d min"))).to_be_visible()
    assert (await home.job("greet"))["paused_until"]
    await choose(page, "greet", "Why didn't it run?")
    await expect(page.get_by_role("dialog")).to_contain_text("The job is paused: moving house")


async def test_a_moment_that_has_passed_is_no_end_of_a_pause(page: Page) -> None:
    await choose(page, "greet", "Pause until…")
    await page.get_by_label("Until a moment…").check()
    await page.get_by_label("Until (time of this computer)").fill("2020-01-01T12:00")
    await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    await expect(page.get_by_role("alert")).to_have_text("This moment has passed: choose one to come.")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()


async def test_disabling_asks_with_cancel_focused_and_a_disabled_job_refuses_to_run(page: Page) -> None:
    await choose(page, "greet", "Disable")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Greeting, for a test.")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()

    await choose(page, "greet", "Disable")
    await dialog.get_by_role("button", name="Disable").click()
    job = page.locator("[data-job=greet]")
    await expect(job.locator("[data-status=disabled]")).to_be_visible()
    await expect(job.get_by_role("button", name=re.compile("Run now: The job is disabled"))).to_be_disabled()
    await expect(job.locator("dl div").last.locator("dd")).to_have_text("")
    await job.get_by_role("button", name="Enable", exact=True).click()
    await expect(job.locator("[data-status=idle]")).to_be_visible()


async def test_the_interval_editor_takes_good_values_refuses_bad_ones_and_escape_discards(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    field = job.get_by_role("combobox", name="Interval")
    await job.get_by_role("button", name="Interval").click()
    await expect(field).to_have_value("1h")
    for bad in ("often", "0s", "1.5h", "-5m"):
        await field.fill(bad)
        await job.get_by_role("button", name="Save").click()
        await expect(job.get_by_role("alert")).to_contain_text("30s, 5m, 1h or 1d")
    await field.fill("1s")
    await field.press("Enter")
    await expect(job.get_by_role("alert")).to_have_text("This job runs at most every 10s.")
    await field.press("Escape")
    await expect(job.get_by_text("Every hour")).to_be_visible()

    await page.keyboard.press("i")  # Escape gave the focus back to the job.
    await field.fill("5m")
    await field.press("Enter")
    await expect(job.get_by_text("Every 5 minutes")).to_be_visible()
    await expect(job.get_by_title("5m", exact=True)).to_be_visible()
    await job.get_by_role("button", name="Back to the default").click()
    await expect(job.get_by_text("Every hour")).to_be_visible()
    await expect(page.locator("[data-job=nightly]").get_by_role("button", name="Interval")).to_have_count(0)


async def test_skipping_the_next_run_is_told_by_the_drawer(page: Page, home: Home) -> None:
    await home.run("zones")
    await choose(page, "zones", "Skip the next run")
    await expect(page.get_by_text("Zone transfer skips its next run.")).to_be_visible()
    await choose(page, "zones", "Why didn't it run?")
    drawer = page.get_by_role("dialog")
    await expect(drawer.get_by_text("will be skipped")).to_be_visible()
    await expect(drawer.get_by_text("The next ten slots")).to_be_visible()
    await expect(drawer.locator("section").first.locator("li")).to_have_count(10)


async def test_the_drawer_marks_a_coming_clock_change(page: Page) -> None:
    await choose(page, "renew_all_records", "Why didn't it run?")
    coming = page.get_by_role("dialog").locator("section").first
    await expect(coming.locator("li")).to_have_count(10)
    await expect(coming.locator(".note").first).to_contain_text(re.compile("02:30|clock", re.IGNORECASE))
