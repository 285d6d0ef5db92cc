"""The page on a phone: all of it fits, and all can be done with a thumb."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.phones import PHONE, WIDTH, too_wide
from tests.e2e.support.visitors import Visitors, choose, log_in, visit

THUMB = 24
"""The least size of what is touched, in CSS pixels (WCAG 2.2, 2.5.8)."""


@pytest_asyncio.fixture(loop_scope="session")
async def phone(home: Home, visitors: Visitors) -> Page:
    page = await visitors.tab(home.url, **PHONE)
    await log_in(page)
    return page


async def touchable(control: Locator) -> None:
    """It is on the screen, and large enough."""
    await control.scroll_into_view_if_needed()
    box = await control.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= WIDTH, box
    assert min(box["width"], box["height"]) >= THUMB, box


async def test_nothing_is_wider_than_the_screen(phone: Page, home: Home) -> None:
    await home.run("break")
    await home.admin.post("/api/jobs/linger/run")
    await phone.locator("[data-job=linger] [data-status=running]").wait_for()
    for view in ("Cards", "Table"):
        await phone.get_by_role("button", name=view).tap()
        assert await too_wide(phone) == [], view
    crash = f"runs/{await home.run('crash')}"
    people = ("people", "people/import", "plans", "access", "settings")
    mail = ("mail", "mail/templates/new", "mail/campaigns/new", "mail/setup")
    for place in ("runs", crash, "servers", *people, *mail, "accounts", "audit", "preferences"):
        await visit(phone, place)
        assert await too_wide(phone) == [], place


async def test_all_actions_of_a_job_are_within_reach_in_both_views(phone: Page) -> None:
    for view in ("Cards", "Table"):
        await phone.get_by_role("button", name=view).tap()
        job = phone.locator("[data-job=greet]")
        for name in ("Run now", "Pause", "Interval", "More"):
            await touchable(job.get_by_role("button", name=name, exact=True))
        await job.get_by_role("button", name="More").tap()
        for item in await phone.get_by_role("menuitem").all():
            await touchable(item)
        await phone.keyboard.press("Escape")


async def test_dialogs_and_the_drawer_fit(phone: Page) -> None:
    for item in ("Why didn't it run?", "Run with options…", "Pause until…", "Disable"):
        await choose(phone, "greet", item)
        dialog = phone.get_by_role("dialog")
        await touchable(dialog.get_by_role("button", name="Close"))
        assert await too_wide(phone) == [], item
        await dialog.get_by_role("button", name="Close").tap()
        await expect(dialog).to_have_count(0)
    await phone.locator("[data-job=greet]").get_by_role("button", name="Interval").tap()
    await touchable(phone.locator("[data-job=greet]").get_by_role("button", name="Save"))
    assert await too_wide(phone) == []


async def test_every_page_is_reached_with_the_thumb(phone: Page) -> None:
    for name in ("Runs", "Servers", "People", "Jobs"):
        link = phone.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        await touchable(link)
        await link.tap()
        await expect(phone.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()
    for name in ("Plans", "Access", "Mail", "Settings", "Accounts", "Audit", "Preferences"):
        await phone.get_by_role("navigation").get_by_role("button", name="More").tap()
        await phone.get_by_role("menuitem", name=name).tap()
        await expect(phone.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()
    await phone.get_by_role("navigation").get_by_role("button", name="More").tap()
    await phone.get_by_role("menuitem", name="Log out").tap()
    await expect(phone.get_by_role("button", name="Log in")).to_be_visible()
