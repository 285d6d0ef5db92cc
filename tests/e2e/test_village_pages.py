"""The pages of people and access, with people in them: on a phone, and for those who don't see a page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.e2e.support.phones import PHONE, too_wide
from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in, visit
from tests.e2e.test_accessibility import serious

SIGNS = {
    "people/": "tr[data-library]",
    "people": "tr[data-person]",
    "plans": "[data-plan] dd",
    "access": "tr[data-account]",
    "servers/": "tr[data-library]",
}
"""What tells that a page has come with all that is on it, by how its address begins."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(village: Village) -> dict[str, str]:
    """The pages of a village in which something was decided, by what is shown on them."""
    plan = await village.add_plan(f"Family and friends of the house {date.today()}", "jellyfin")
    person, other = (await village.viewers("jellyfin"))[:2]
    libraries = await village.libraries("jellyfin")
    last_day = (date.today() + timedelta(days=3)).isoformat()
    await village.ask("PUT", f"/api/people/{person['id']}/subscription", plan_id=plan["id"], expires_on=last_day)
    note = "not for children, as their mother told us on the phone"
    await village.ask("PUT", f"/api/people/{person['id']}/rules/{libraries[0]['id']}", effect="deny", note=note)
    await village.ask("POST", f"/api/people/{other['id']}/suspend", reason="shares the password")
    return {
        "people": "people",
        "a person": f"people/{person['id']}",
        "somebody suspended": f"people/{other['id']}",
        "plans": "plans",
        "access": "access",
        "all access": "access?all=true",
        "a server": f"servers/{(await village.server('plex'))['id']}",
    }


async def go(page: Page, place: str, loading: str = "Loading…") -> None:
    """To a page, until what was decided in the village is on it."""
    await visit(page, place, loading)
    shown = next(sign for start, sign in SIGNS.items() if place.startswith(start))
    await page.locator(shown).first.wait_for()


@pytest.mark.parametrize("language", ["de", "fr"])
async def test_nothing_is_wider_than_a_phone(
    village: Village, visitors: Visitors, pages: dict[str, str], language: str
) -> None:
    page = await visitors.tab(village.url, locale=language, **PHONE)
    await log_in(page)
    loading = {"de": "Lädt…", "fr": "Chargement…"}[language]
    found = {}
    for what, place in pages.items():
        await go(page, place, loading)
        found[what] = await too_wide(page)
    assert {what: wrong for what, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_them(
    village: Village, visitors: Visitors, pages: dict[str, str], scheme: Literal["light", "dark"]
) -> None:
    page = await visitors.tab(village.url, color_scheme=scheme)
    await log_in(page)
    found = []
    for what, place in pages.items():
        await go(page, place)
        found += await serious(page, what)
    await go(page, pages["a person"])
    for name in ("Extend", "Change…", "Suspend…"):
        await page.get_by_role("button", name=name).click()
        found += await serious(page, name)
        await page.keyboard.press("Escape")
    assert found == []
