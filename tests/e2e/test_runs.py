"""The runs: their list, and a run's own page, live."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home


async def test_the_list_grows_by_itself_and_is_filtered(page: Page, home: Home) -> None:
    await page.goto("/admin/runs")
    await expect(page.get_by_text("Nothing has run yet.")).to_be_visible()
    await home.run("greet")
    await home.run("break")
    rows = page.locator("[data-run]")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Outcome").select_option("failed")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Breaking")
    await expect(page).to_have_url(re.compile(r"\?outcome=failed$"))
    await page.get_by_label("Trigger").select_option("slot")
    await expect(page.get_by_text("No run matches this filter.")).to_be_visible()


async def test_runs_with_nothing_to_do_are_folded(page: Page, home: Home) -> None:
    await home.admin.put("/api/jobs/zones/schedule", interval="1s")
    await home.job("zones", lambda job: job["run_count"] >= 3)
    await home.admin.delete("/api/jobs/zones/schedule")
    runs = len((await home.admin.read("/api/runs?job=zones"))["runs"])
    await page.goto("/admin/runs?job=zones")
    await expect(page.locator("[data-run]")).to_have_count(1)
    await page.get_by_role("button", name=f"{runs - 1} more with nothing to do").click()
    await expect(page.locator("[data-run]")).to_have_count(runs)


async def test_a_run_is_followed_to_its_end_and_its_log_searched_and_taken_away(page: Page, home: Home) -> None:
    await page.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await page.get_by_role("link", name="Watch it").click()
    await expect(page.get_by_role("heading", name="Lingering")).to_be_visible()
    log = page.get_by_role("log")
    await expect(log.get_by_text("waiting at the gate")).to_be_visible()
    await expect(page.get_by_text("at the gate · 40 %")).to_be_visible()
    await expect(page.get_by_role("switch", name="Follow")).to_be_checked()
    await page.get_by_label("Find in the log").fill("nobody")
    await expect(log.locator("p")).to_have_count(1)
    await expect(log).to_contain_text("warning")
    await page.get_by_label("Find in the log").fill("somebody")
    await expect(log).to_have_text("No line matches.")

    home.gate.open()
    await expect(page.get_by_text("went through")).to_be_visible()
    await expect(page.get_by_role("button", name="Run it again")).to_be_visible()
    await expect(page.get_by_text("Asked for by")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download").click()
    assert "waiting at the gate" in (await (await download.value).path()).read_text()


async def test_a_run_is_cancelled_from_its_own_page(page: Page, home: Home) -> None:
    _, answer = await home.admin.post("/api/jobs/linger/run")
    await page.goto(f"/admin/runs/{answer['run_id']}")
    await page.get_by_role("button", name="Cancel this run").click()
    await expect(page.get_by_role("main").get_by_text("cancelled").first).to_be_visible()
    await expect(page.get_by_role("button", name="Run it again")).to_be_visible()


async def test_a_failed_run_tells_why_and_is_tried_again(page: Page, home: Home) -> None:
    run = await home.run("break")
    await page.goto(f"/admin/runs/{run}")
    await expect(page.get_by_role("region", name="Error").get_by_text("It is broken, and this is why.")).to_be_visible()
    await page.get_by_role("button", name="Run it again").click()
    await expect(page.get_by_text("Retry of")).to_be_visible()
    await expect(page.get_by_role("link", name=run)).to_be_visible()


async def test_a_crash_shows_administrators_its_trace(page: Page, home: Home) -> None:
    await page.goto(f"/admin/runs/{await home.run('crash')}")
    error = page.get_by_role("region", name="Error")
    await error.get_by_text("Trace", exact=True).click()
    await expect(error.locator("pre")).to_contain_text("ZeroDivisionError")


async def test_the_plan_and_what_became_of_it(page: Page, home: Home) -> None:
    await page.goto(f"/admin/runs/{await home.run('greet')}")
    row = page.get_by_role("row", name="politeness")
    await expect(row).to_contain_text("done")
    await expect(row).to_contain_text("everybody")


async def test_an_attempt_that_failed_stands_on_the_page_of_the_run_that_succeeded(page: Page, home: Home) -> None:
    await home.run("stumble")
    await page.goto("/admin/runs?job=stumble")
    await page.locator("[data-run]").get_by_role("link").first.click()
    earlier = page.get_by_role("region", name="Earlier attempts")
    await expect(earlier).to_contain_text("Attempt 1")
    await expect(earlier).to_contain_text("It was not yet ready.")
    await expect(page.get_by_text("got up again")).to_be_visible()
