"""The jobs page: what it shows and what can be done there, seen live."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.page.conftest import fresh_tab
from tests.e2e.page.jobs import Gate
from tests.support.gateways import Person
from tests.support.waiting import wait_until


async def test_a_run_is_seen_live_in_a_second_tab_and_run_now_becomes_cancel(page: Page, gate: Gate) -> None:
    other = await fresh_tab(page.context)
    await other.goto("/admin/jobs")
    there = other.locator("[data-job=linger]")
    await expect(there.locator("[data-status=idle]")).to_be_visible()

    await page.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await expect(page.get_by_role("status").get_by_text("Lingering has started.")).to_be_visible()
    await expect(there.locator("[data-status=running]")).to_be_visible()
    await expect(there.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    await expect(there.get_by_role("button", name="Cancel")).to_be_visible()
    await expect(other).to_have_title(re.compile("▶ 1"))

    gate.open.set()
    await expect(there.locator("[data-status=idle]")).to_be_visible()
    await expect(there.get_by_text("1 run", exact=True)).to_be_visible()


async def test_a_run_is_cancelled_from_the_card(page: Page) -> None:
    job = page.locator("[data-job=linger]")
    await job.get_by_role("button", name="Run now").click()
    await job.get_by_role("button", name="Cancel").click()
    await expect(job.get_by_role("button", name="Run now")).to_be_visible()
    await expect(job.get_by_title("cancelled by admin")).to_be_visible()


async def test_a_failure_shows_its_error_and_marks_the_tab(page: Page) -> None:
    job = page.locator("[data-job=break]")
    await job.get_by_role("button", name="Run now").click()
    await expect(job.locator("[data-status=error]")).to_be_visible()
    await expect(job.get_by_text("It is broken, and this is why.")).to_be_visible()
    await expect(page).to_have_title(re.compile("✕ 1"))
    await expect(page.locator("#tab-icon")).to_have_attribute("href", "/icons/failed.svg")


async def test_pause_and_resume(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    await job.get_by_role("button", name="Pause", exact=True).click()
    await expect(job.locator("[data-status=paused]")).to_be_visible()
    await expect(job.locator("dl").get_by_text("paused")).to_be_visible()
    await expect(job.get_by_role("button", name="Run now")).to_be_enabled()
    await job.get_by_role("button", name="Resume").click()
    await expect(job.locator("[data-status=idle]")).to_be_visible()


async def test_a_pause_until_a_moment_carries_its_reason(page: Page, admin: Person) -> None:
    await choose(page, "greet", "Pause until…")
    await page.get_by_label("For an hour").check()
    await page.get_by_label("Reason").fill("moving house")
    await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible()
    answer = await admin.read("/api/jobs/greet")
    assert answer["reason"] == "moving house" and answer["paused_until"]


async def test_disabling_asks_with_cancel_focused_and_a_disabled_job_cannot_run(page: Page) -> None:
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
    await job.get_by_role("button", name="Enable", exact=True).click()
    await expect(job.locator("[data-status=idle]")).to_be_visible()


async def test_the_interval_editor_takes_good_values_refuses_bad_ones_and_escape_discards(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    field = job.get_by_role("combobox", name="Interval")
    await job.get_by_role("button", name="Interval").click()
    await expect(field).to_have_value("1h")
    await field.fill("often")
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
    await job.get_by_role("button", name="Back to the default").click()
    await expect(job.get_by_text("Every hour")).to_be_visible()
    await expect(page.locator("[data-job=nightly]").get_by_role("button", name="Interval")).to_have_count(0)


async def test_parameters_and_dry_run_reach_the_job(page: Page, admin: Person) -> None:
    await choose(page, "greet", "Run with options…")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Whom").fill("Vera")
    await dialog.get_by_label("Dry run").check()
    await dialog.get_by_role("button", name="Try it").click()

    async def seen() -> bool:
        runs = (await admin.read("/api/runs?job=greet"))["runs"]
        return bool(runs) and runs[0]["params"] == {"who": "Vera"} and runs[0]["dry_run"]

    await wait_until(seen, what="a dry run for Vera")


async def test_skipping_the_next_run_is_told_by_the_drawer(page: Page) -> None:
    await choose(page, "greet", "Skip the next run")
    await expect(page.get_by_text("Greeting skips its next run.")).to_be_visible()
    await choose(page, "greet", "Why didn't it run?")
    drawer = page.get_by_role("dialog")
    await expect(drawer.get_by_text("will be skipped")).to_be_visible()
    await expect(drawer.get_by_text("The next ten slots")).to_be_visible()
    await expect(drawer.locator("section").first.locator("li")).to_have_count(10)


async def test_a_need_that_is_not_met_leads_to_where_it_is_met(page: Page) -> None:
    job = page.locator("[data-job=greet]")
    await expect(job.get_by_text("Needs a Jellyfin server")).to_be_visible()
    await job.get_by_role("link", name="add one").click()
    await expect(page.get_by_role("dialog").get_by_label("Jellyfin", exact=True)).to_be_checked()


async def test_paused_live_updates_keep_what_is_shown_and_count_what_waits(page: Page, admin: Person) -> None:
    await page.get_by_role("button", name="Pause live updates").click()
    assert (await admin.post("/api/jobs/greet/pause"))[0] == 200
    assert (await admin.post("/api/jobs/nightly/pause"))[0] == 200
    await expect(page.get_by_text("2 changes wait")).to_be_visible()
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()
    await page.get_by_role("button", name="Resume live updates").click()
    await expect(page.locator("[data-job=greet] [data-status=paused]")).to_be_visible()


async def test_filters_narrow_the_list_and_bulk_acts_on_what_matches(page: Page) -> None:
    await page.get_by_placeholder("Find a job").fill("ng")
    await expect(page.get_by_text("all 3 matching")).to_be_visible()
    await page.get_by_role("button", name="With all 3 jobs shown").click()
    await page.get_by_role("menuitem", name="Pause all 3 jobs").click()
    await expect(page.locator("[data-status=paused]")).to_have_count(3)
    await page.get_by_label("Status").select_option("idle")
    await expect(page.get_by_text("No job matches this filter.")).to_be_visible()
    await page.get_by_role("button", name="Show all").click()
    await expect(page.locator("[data-job]")).to_have_count(4)


async def test_the_seven_clicks_bring_out_the_advanced_jobs(page: Page) -> None:
    version = page.get_by_role("button", name=re.compile("Showrunner \\d"))
    await expect(page.locator("[data-job=mend]")).to_have_count(0)
    for _ in range(2):
        await version.click()
    await expect(page.get_by_text(re.compile("more click"))).to_have_count(0)
    for left in (4, 3, 2):
        await version.click()
        await expect(page.get_by_text(f"{left} more clicks show the advanced jobs.")).to_be_visible()
    await version.click()
    await expect(page.get_by_text("One more click shows the advanced jobs.")).to_be_visible()
    await version.click()
    await expect(page.locator("[data-job=mend]")).to_be_visible()
    await expect(page.locator("[data-job=mend]").get_by_text("Run it only if you know")).to_be_visible()
    await page.reload()
    await expect(page.locator("[data-job=mend]")).to_be_visible()


async def test_the_table_has_the_columns_and_is_remembered(page: Page) -> None:
    await page.get_by_role("button", name="Table").click()
    columns = ["ID", "Name", "Description", "Schedule", "Status", "Last run", "Next run", "Actions"]
    await expect(page.locator("th")).to_have_text(columns)
    await page.reload()
    await expect(page.locator("tr[data-job=greet]")).to_be_visible()


async def choose(page: Page, job: str, item: str) -> None:
    """Choose an action from a job's menu."""
    await page.locator(f"[data-job={job}]").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=item).click()
