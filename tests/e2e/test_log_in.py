"""Who may come in, and what they may do then."""

from __future__ import annotations

import re

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import Visitors, choose, log_in, second_tab
from tests.support.waiting import wait_until

GUESSES = 12
VERA, HER_PASSWORD = "vera", "only looking here"


@pytest_asyncio.fixture(loop_scope="session")
async def vera(home: Home, visitors: Visitors) -> Page:
    """The tab of somebody who may only look."""
    status, answer = await home.admin.post("/api/users", name=VERA, role="viewer", password=HER_PASSWORD)
    assert status == 201 or answer["code"] == "user_exists", answer
    page = await visitors.tab(home.url)
    await log_in(page, VERA, HER_PASSWORD)
    return page


async def test_the_root_leads_to_the_log_in_and_a_wrong_password_is_refused(stranger: Page) -> None:
    await stranger.goto("/")
    await expect(stranger).to_have_url(re.compile("/admin/jobs$"))
    await stranger.get_by_label("Password").fill("wrong")
    await stranger.get_by_role("button", name="Log in").click()
    await expect(stranger.get_by_role("alert")).to_have_text("The account or the password is wrong.")
    await expect(stranger.get_by_label("Password")).to_be_focused()


async def test_guessing_is_slowed_down(stranger: Page, home: Home) -> None:
    await stranger.goto("/")
    refusals = ""
    for _ in range(GUESSES):  # each wait is twice as long as the last: a slow machine only needs some guesses more
        await stranger.get_by_label("Password").fill("wrong")
        await stranger.get_by_role("button", name="Log in").click()
        await expect(stranger.get_by_role("button", name="Log in")).to_be_enabled()
        refusals += await stranger.get_by_role("alert").inner_text()
        if "Too many failed log-ins" in refusals:
            break
    assert "The account or the password is wrong." in refusals
    assert "Too many failed log-ins: wait" in refusals
    await wait_until(home.let_in, what="the right password to be taken again")


async def test_a_deep_link_leads_there_after_the_log_in(stranger: Page) -> None:
    await stranger.goto("/admin/audit")
    await stranger.get_by_label("Password").fill("correct horse battery")
    await stranger.keyboard.press("Enter")
    await expect(stranger.get_by_role("heading", name="Audit")).to_be_visible()


async def test_logging_out_ends_it_for_every_tab(page: Page) -> None:
    other = await second_tab(page)
    await other.locator("[data-job=greet]").wait_for()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("button", name="Log in")).to_be_visible()
    await expect(other.get_by_role("button", name="Log in")).to_be_visible()


async def test_a_viewer_looks_and_cannot_act(vera: Page, home: Home) -> None:
    job = vera.locator("[data-job=greet]")
    await expect(job.get_by_role("button", name="Run now")).to_be_disabled()
    await expect(job.get_by_role("button", name="Run now")).to_have_attribute("title", re.compile("You may look"))
    for action in ("Pause", "Interval"):
        await expect(job.get_by_role("button", name=action)).to_have_count(0)
    await job.get_by_role("button", name="More").click()
    await expect(vera.get_by_role("menuitem")).to_have_text(["Why didn't it run?", "Its runs"])
    await vera.keyboard.press("Escape")
    for place in ("Accounts", "Audit"):
        await expect(vera.get_by_role("link", name=place)).to_have_count(0)

    await job.focus()
    for key in "rp":
        await vera.keyboard.press(key)
    answer = await vera.request.post("/api/jobs/greet/run", data={}, headers={"Origin": home.url})
    assert answer.status == 403
    assert not (await home.job("greet"))["paused"]


async def test_a_viewer_is_told_why_a_job_did_not_run(vera: Page) -> None:
    await choose(vera, "greet", "Why didn't it run?")
    await expect(vera.get_by_role("dialog")).to_contain_text("The next ten slots")
