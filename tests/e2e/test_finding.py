"""Finding jobs, acting on many at once, and what is hidden until somebody asks for it."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import Visitors, log_in


async def test_filters_narrow_the_list_and_bulk_acts_on_what_matches(page: Page) -> None:
    await page.get_by_placeholder("Find a job").fill("ing")
    shown = page.locator("[data-job]")
    await expect(page.get_by_text("all 5 matching")).to_be_visible()
    await page.get_by_label("Category").select_option("dns")
    await expect(shown).to_have_count(0)
    await page.get_by_label("Category").select_option("sync")
    await page.get_by_placeholder("Find a job").fill("r")
    await expect(shown).to_have_count(6)
    await page.get_by_role("button", name="With all 6 jobs shown").click()
    await page.get_by_role("menuitem", name="Pause all 6 jobs").click()
    await expect(page.locator("[data-status=paused]")).to_have_count(6)
    await page.get_by_label("Status").select_option("idle")
    await expect(page.get_by_text("No job matches this filter.")).to_be_visible()
    await page.get_by_role("button", name="Show all").click()
    await expect(shown).to_have_count(8)
    await page.reload()
    await expect(page.locator("[data-status=paused]")).to_have_count(6)


async def test_disabling_many_asks_first(page: Page) -> None:
    await page.get_by_label("Category").select_option("dns")
    await page.get_by_role("button", name="With all 2 jobs shown").click()
    await page.get_by_role("menuitem", name="Disable all 2 jobs").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Resynchronization of the records, Zone transfer")
    await dialog.get_by_role("button", name="Disable").click()
    await expect(page.locator("[data-status=disabled]")).to_have_count(2)


async def test_a_need_that_is_not_met_leads_to_where_it_is_met(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    await expect(job.get_by_text("Needs a Jellyfin server")).to_be_visible()
    await job.get_by_role("link", name="add one").click()
    await expect(page.get_by_role("dialog").get_by_label("Jellyfin", exact=True)).to_be_checked()


async def test_paused_live_updates_keep_what_is_shown_and_count_what_waits(page: Page, home: Home) -> None:
    await page.get_by_role("button", name="Pause live updates").click()
    for job in ("greet", "nightly"):
        assert (await home.admin.post(f"/api/jobs/{job}/pause"))[0] == 200
    await expect(page.get_by_text("2 changes wait")).to_be_visible()
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()
    await page.get_by_role("button", name="Resume live updates").click()
    await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible()


async def test_the_table_has_the_columns_and_is_remembered(page: Page) -> None:
    await page.get_by_role("button", name="Table").click()
    columns = ["ID", "Name", "Description", "Schedule", "Status", "Last run", "Next run", "Actions"]
    await expect(page.locator("th")).to_have_text(columns)
    await page.reload()
    await expect(page.locator("tr[data-job=greet]")).to_be_visible()


async def test_the_table_fits_a_small_desk_with_its_actions(home: Home, visitors: Visitors) -> None:
    page = await visitors.tab(home.url, viewport={"width": 1280, "height": 800})
    await log_in(page)
    await home.admin.put("/api/jobs/greet/schedule", interval="5m")
    for job in ("greet", "zones"):
        await home.run(job)
    await page.get_by_role("button", name="Table").click()
    row = page.locator("tr[data-job=greet]")
    await expect(row.get_by_role("button", name="Back to the default")).to_be_visible()
    box = await row.get_by_role("button", name="More").bounding_box()
    widths = await row.locator("td").evaluate_all("(cells) => cells.map((cell) => cell.offsetWidth)")
    assert box is not None and box["x"] + box["width"] < 1280, widths


async def test_seven_clicks_on_the_version_bring_out_the_advanced_jobs(page: Page) -> None:
    version = page.get_by_role("button", name=re.compile("Showrunner \\d"))
    mending = page.locator("[data-job=mend]")
    await expect(mending).to_have_count(0)
    for _ in range(2):
        await version.click()
    await expect(page.get_by_text(re.compile("more click"))).to_have_count(0)
    for left in (4, 3, 2):
        await version.click()
        await expect(page.get_by_text(f"{left} more clicks show the advanced jobs.")).to_be_visible()
    await version.click()
    await expect(page.get_by_text("One more click shows the advanced jobs.")).to_be_visible()
    await version.click()
    await expect(mending.get_by_text("Run it only if you know")).to_be_visible()
    await page.reload()
    await expect(mending).to_be_visible()


async def test_advanced_jobs_are_one_persons_choice_and_a_plain_switch_too(page: Page, home: Home) -> None:
    await page.goto("/admin/preferences")
    await page.get_by_role("switch", name="Show advanced jobs").check()
    await page.goto("/admin/jobs")
    await expect(page.locator("[data-job=mend]")).to_be_visible()

    status, answer = await home.admin.post("/api/users", name="otto", role="operator", password="another person's")
    assert status == 201, answer
    await page.get_by_role("button", name="Log out").click()
    await log_in(page, "otto", "another person's")
    await expect(page.locator("[data-job=greet]")).to_be_visible()
    await expect(page.locator("[data-job=mend]")).to_have_count(0)


async def test_times_follow_the_chosen_zone(page: Page) -> None:
    await page.goto("/admin/preferences")
    await page.get_by_label("Time zone").select_option("Asia/Tokyo")
    await expect(page.get_by_text("Times in Asia/Tokyo")).to_be_visible()
    await page.goto("/admin/jobs")
    due = page.locator("[data-job=greet] time").first
    await expect(due).to_have_attribute("title", re.compile("Asia/Tokyo"))


async def test_dark_and_light_follow_the_system_until_somebody_chooses(home: Home, visitors: Visitors) -> None:
    page = await visitors.tab(home.url, color_scheme="dark")
    await log_in(page)
    paper = page.locator("html")
    dark = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    await page.get_by_role("button", name="Light theme").click()
    await expect(paper).not_to_have_css("background-color", dark)
    await page.reload()
    await page.locator("[data-job]").first.wait_for()
    await expect(paper).not_to_have_css("background-color", dark)
