"""Who may come in, and what they may do then."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.e2e.page.conftest import fresh_tab, log_in
from tests.support.gateways import Person

MOST_TRIES = 12


async def test_the_root_leads_to_the_log_in_and_a_wrong_password_is_refused(visitor: Page) -> None:
    await visitor.goto("/")
    await expect(visitor).to_have_url(re.compile("/admin/jobs$"))
    await visitor.get_by_label("Password").fill("wrong")
    await visitor.get_by_role("button", name="Log in").click()
    await expect(visitor.get_by_role("alert")).to_have_text("The account or the password is wrong.")
    await expect(visitor.get_by_label("Password")).to_be_focused()


async def test_guessing_is_slowed_down(visitor: Page) -> None:
    await visitor.goto("/")
    statuses: list[int] = []
    # The wait doubles with each try, so that soon a try comes too early however slow this machine is.
    while 429 not in statuses and len(statuses) < MOST_TRIES:
        await visitor.get_by_label("Password").fill("wrong")
        async with visitor.expect_response("**/api/session") as answer:
            await visitor.get_by_role("button", name="Log in").click()
        statuses.append((await answer.value).status)
        await expect(visitor.get_by_label("Password")).to_have_value("")
    await expect(visitor.get_by_role("alert")).to_contain_text("Too many failed log-ins")


async def test_logging_out_ends_it_for_every_tab(page: Page) -> None:
    other = await fresh_tab(page.context)
    await other.goto("/admin/jobs")
    await other.locator("[data-job=greet]").wait_for()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("button", name="Log in")).to_be_visible()
    await expect(other.get_by_role("button", name="Log in")).to_be_visible()


async def test_a_viewer_looks_and_cannot_act(admin: Person, browser: Browser, page: Page) -> None:
    status, _ = await admin.post("/api/users", name="vera", role="viewer", password="only looking here")
    assert status == 201
    async with await browser.new_context(base_url=page.url.removesuffix("/admin/jobs"), locale="en-GB") as context:
        tab = await fresh_tab(context)
        await log_in(tab, "vera", "only looking here")
        job = tab.locator("[data-job=greet]")
        await expect(job.get_by_role("button", name="Run now")).to_be_disabled()
        await expect(job.get_by_role("button", name="Pause")).to_have_count(0)
        await expect(job.get_by_role("button", name="Interval")).to_have_count(0)
        await expect(tab.get_by_role("link", name="Audit")).to_have_count(0)


async def test_nothing_is_asked_of_another_origin(visitor: Page) -> None:
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    await log_in(visitor)
    for place in ("runs", "servers", "people", "accounts", "audit", "preferences"):
        await visitor.goto(f"/admin/{place}")
        await expect(visitor.locator("h1")).to_be_visible()
    origin = visitor.url.partition("/admin")[0]
    assert asked and all(url.startswith(origin) for url in asked)
