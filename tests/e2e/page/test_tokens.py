"""Tokens for programs: made, shown once, and removed on the accounts' page; and what an operator is not offered."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.e2e.page.conftest import fresh_tab, log_in
from tests.support.gateways import PASSWORD, Person


async def test_a_token_is_shown_once_works_and_is_removed(admin: Person, page: Page) -> None:
    await page.goto("/admin/accounts")
    await page.locator("input[name=token]").fill("backup")
    await page.locator("select[name=token-role]").select_option("operator")
    await page.get_by_role("button", name="Make a token").click()
    shown = page.get_by_role("dialog").get_by_label("Token, to be kept secret")
    await expect(shown).to_be_focused()
    token = await shown.input_value()
    async with Person(admin.url) as program:
        program.http.headers["Authorization"] = f"Bearer {token}"
        assert (await program.read("/api/session"))["account"] == "token:backup"
        await page.get_by_role("button", name="I have kept it").click()
        row = page.locator("[data-token=backup]")
        await expect(row).to_contain_text("Operator")
        await page.reload()
        await expect(row).to_contain_text("ago")
        assert token not in await page.content()
        await row.get_by_role("button", name="Remove").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(row).to_have_count(0)
        assert (await program.get("/api/jobs"))[0] == 401


async def test_a_token_that_cannot_be_made_says_why(page: Page) -> None:
    await page.goto("/admin/accounts")
    await page.locator("input[name=token]").fill("late")
    await page.locator("input[name=token-end]").fill("2020-01-01T00:00")
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_role("alert")).to_have_text("This moment has passed: choose one to come.")


async def test_an_operator_runs_and_pauses_and_is_offered_no_more(admin: Person, browser: Browser, page: Page) -> None:
    assert (await admin.post("/api/users", name="otto", role="operator", password=PASSWORD))[0] == 201
    async with await browser.new_context(base_url=page.url.removesuffix("/admin/jobs"), locale="en-GB") as context:
        tab = await fresh_tab(context)
        await log_in(tab, "otto", PASSWORD)
        job = tab.locator("[data-job=greet]")
        await expect(job.get_by_role("button", name="Run now")).to_be_enabled()
        await expect(job.get_by_role("button", name="Pause")).to_be_enabled()
        await expect(job.get_by_role("button", name="Interval")).to_have_count(0)
        await job.get_by_role("button", name="More").click()
        await expect(job.get_by_role("menuitem").filter(has_text="Skip")).to_be_visible()
        await expect(job.get_by_role("menuitem").filter(has_text="Disable")).to_have_count(0)
