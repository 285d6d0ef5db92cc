"""Accounts and tokens, the audit of what was done with them, and what each role is offered."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import Visitors, log_in
from tests.support.gateways import Person

THEIR_PASSWORD = "another person's"


async def test_an_account_is_added_used_changed_and_removed(page: Page, home: Home, visitors: Visitors) -> None:
    await page.goto("/admin/accounts")
    await page.locator("input[name=account]").fill("nora")
    await page.locator("input[name=password]").fill("short")
    await page.get_by_role("button", name="Add an account").click()
    await expect(page.get_by_role("alert")).to_contain_text("at least 10")
    await page.locator("input[name=password]").fill(THEIR_PASSWORD)
    await page.get_by_role("button", name="Add an account").click()
    await expect(page.get_by_role("status").get_by_text("nora can log in now.")).to_be_visible()

    nora = await visitors.tab(home.url)
    await log_in(nora, "nora", THEIR_PASSWORD)
    await page.get_by_label("Role of nora").select_option("operator")
    await expect(page.get_by_role("status").get_by_text("nora has another role now.")).to_be_visible()
    await page.get_by_role("row", name="nora").get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await nora.reload()
    await expect(nora.get_by_role("button", name="Log in")).to_be_visible()

    await page.get_by_role("link", name="Audit").click()
    await expect(page.get_by_role("row").filter(has_text="nora")).to_have_count(3)


async def test_a_token_is_shown_once_works_and_is_removed(page: Page, home: Home) -> None:
    await page.goto("/admin/accounts")
    await page.locator("input[name=token]").fill("backup")
    await page.locator("select[name=token-role]").select_option("operator")
    await page.get_by_role("button", name="Make a token").click()
    shown = page.get_by_role("dialog").get_by_label("Token, to be kept secret")
    await expect(shown).to_be_focused()
    token = await shown.input_value()
    async with Person(home.url) as program:
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


async def test_an_operator_runs_and_pauses_and_is_offered_no_more(home: Home, visitors: Visitors) -> None:
    assert (await home.admin.post("/api/users", name="otto", role="operator", password=THEIR_PASSWORD))[0] == 201
    page = await visitors.tab(home.url)
    await log_in(page, "otto", THEIR_PASSWORD)
    job = page.locator("[data-job=greet]")
    await expect(job.get_by_role("button", name="Run now")).to_be_enabled()
    await expect(job.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    await expect(job.get_by_role("button", name="Interval")).to_have_count(0)
    await job.get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitem").filter(has_text="Skip")).to_be_visible()
    await expect(page.get_by_role("menuitem").filter(has_text="Disable")).to_have_count(0)
