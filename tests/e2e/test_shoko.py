"""A Shoko Server on the page: added, behind a Jellyfin server, and somebody mapped to their user there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.phones import PHONE, too_wide
from tests.e2e.test_accessibility import serious
from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_state import shoko_state


@pytest_asyncio.fixture(loop_scope="session")
async def shoko() -> AsyncIterator[ShokoServer]:
    async with ShokoServer(shoko_state(users=("kim",))) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def outside() -> AsyncIterator[Neighbourhood]:
    async with running(make_household()) as neighbourhood:
        yield neighbourhood


async def test_a_shoko_server_is_added_put_behind_jellyfin_and_people_are_mapped(
    page: Page, home: Home, shoko: ShokoServer, outside: Neighbourhood
) -> None:
    attic = outside.jellyfin[0]
    _, jellyfin = await home.admin.post(
        "/api/servers", kind="jellyfin", name="Attic", url=attic.url, token=attic.state.api_key
    )
    await home.admin.post("/api/people", name="Kim")
    await add(page, shoko)

    await page.goto(f"/admin/servers/{jellyfin['id']}")
    behind = page.get_by_label("Shoko Server behind it")
    await expect(behind).to_have_value("")
    await behind.select_option("Anime")
    await expect(page.get_by_role("status").get_by_text("The Shoko Server behind it is kept.")).to_be_visible()
    await page.reload()
    await expect(behind).not_to_have_value("")

    await page.goto("/admin/servers")
    await page.get_by_role("link", name="People on this server").click()
    await map_kim(page, "guessed")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("knows no user kim")
    await map_kim(page, "pw-kim")
    row = page.locator("[data-person=Kim]")
    await expect(row.locator("[data-state=ok]")).to_be_visible()
    assert await serious(page, "a Shoko Server") == []
    await page.set_viewport_size(PHONE["viewport"])
    assert await too_wide(page) == []
    await row.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(row).to_have_count(0)


async def add(page: Page, shoko: ShokoServer) -> None:
    """Through the form."""
    await page.goto("/admin/servers?add=shoko")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Shoko", exact=True)).to_be_checked()
    await dialog.get_by_label("Name").fill("Anime")
    await dialog.get_by_label("Address").fill(shoko.url)
    await dialog.get_by_label("API key").fill(shoko.state.admin_key)
    await dialog.get_by_role("button", name="Check and add").click()
    await expect(page.get_by_role("status").get_by_text("Anime is added.")).to_be_visible()


async def map_kim(page: Page, password: str) -> None:
    """Log Kim in at Shoko; the dialog may be open from a try before."""
    dialog = page.get_by_role("dialog")
    if not await dialog.is_visible():
        await page.get_by_role("button", name="Add a person").click()
        await dialog.get_by_role("radio", name="Kim").check()
        await dialog.get_by_label("User at Shoko").fill("kim")
    await dialog.get_by_label("Password at Shoko").fill(password)
    await dialog.get_by_role("button", name="Log in, and keep the key").click()
