"""The runs: their list, and a run's own page, live."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.page.jobs import Gate
from tests.support.gateways import Person


async def test_a_run_is_followed_to_its_end_and_its_log_taken_away(page: Page, gate: Gate) -> None:
    await page.locator("[data-job=linger]").get_by_role("button", name="Run now").click()
    await page.get_by_role("link", name="Watch it").click()
    await expect(page.get_by_role("heading", name="Lingering")).to_be_visible()
    await expect(page.get_by_role("log").get_by_text("waiting at the gate")).to_be_visible()
    await expect(page.get_by_text("at the gate · 40 %")).to_be_visible()
    gate.open.set()
    await expect(page.get_by_text("went through")).to_be_visible()
    await expect(page.get_by_role("button", name="Run it again")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download").click()
    assert "waiting at the gate" in (await (await download.value).path()).read_text()


async def test_a_failed_run_tells_why_and_is_tried_again(page: Page, admin: Person) -> None:
    status, answer = await admin.post("/api/jobs/break/run")
    assert status == 202
    await page.goto(f"/admin/runs/{answer['run_id']}")
    await expect(page.get_by_role("region", name="Error").get_by_text("It is broken, and this is why.")).to_be_visible()
    await page.get_by_role("button", name="Run it again").click()
    await expect(page.get_by_text("Retry of")).to_be_visible()
    await expect(page.get_by_role("link", name=answer["run_id"])).to_be_visible()


async def test_the_plan_and_what_became_of_it(page: Page, admin: Person) -> None:
    _, answer = await admin.post("/api/jobs/greet/run")
    await page.goto(f"/admin/runs/{answer['run_id']}")
    row = page.get_by_role("row", name="politeness")
    await expect(row).to_contain_text("done")
    await expect(row).to_contain_text("everybody")


async def test_the_list_grows_by_itself_and_is_filtered(page: Page, admin: Person) -> None:
    await page.goto("/admin/runs")
    await expect(page.get_by_text("Nothing has run yet.")).to_be_visible()
    await admin.post("/api/jobs/greet/run")
    await admin.post("/api/jobs/break/run")
    await expect(page.locator("[data-run]")).to_have_count(2)
    await page.get_by_label("Outcome").select_option("failed")
    await expect(page.locator("[data-run]")).to_have_count(1)
    await expect(page.locator("[data-run]")).to_contain_text("Breaking")
