"""The pages of mail, with mail in them: on a phone, in other languages, and for those who don't see a page."""

from __future__ import annotations

from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.e2e.support.phones import PHONE, too_wide
from tests.e2e.support.postoffices import open_post_office
from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in, visit
from tests.e2e.test_accessibility import serious
from tests.e2e.test_languages import ALL_TEXTS, left_in_english, messages

LONG = "2bfe35f6@this-is-the-very-long-name-of-a-mail-server-somewhere.example.net"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(village: Village) -> dict[str, tuple[str, str]]:
    """The pages, each by its address and what tells that it has come with all that is on it."""
    async with open_post_office(village) as office:
        await office.set_up()
        person = await office.reader("Ada Lovelace of the Long Names", days_left=7, language="fr")
        office.smtp.faults.say("RCPT", f"550 5.1.1 <{LONG}>: recipient address rejected", to="bo@")
        other = await office.reader("Bo Berg", days_left=0)
        await village.run("send_expiration_emails")
        sent, draft = [await office.campaign(name, [person, other]) for name in ("June", "July")]
        await village.ask("POST", f"/api/mail/campaigns/{sent['id']}/launch")
        await village.run("send_campaign_emails")
    templates = (await village.admin.read("/api/mail/templates"))["templates"]
    return {
        "deliveries": ("mail", "[data-delivery]"),
        "templates": ("mail/templates", "[data-moment]"),
        "a template": (f"mail/templates/{templates[0]['id']}", "iframe"),
        "campaigns": ("mail/campaigns", "[data-campaign]"),
        "a draft": (f"mail/campaigns/{draft['id']}", "ul[tabindex] li"),
        "a campaign": (f"mail/campaigns/{sent['id']}", "[data-delivery]"),
        "set-up": ("mail/setup", "input[type=number]"),
        "a person": (f"people/{other['id']}", "[data-delivery-state]"),
    }


async def go(page: Page, place: tuple[str, str], loading: str = "Loading…") -> None:
    address, sign = place
    await visit(page, address, loading)
    await page.locator(sign).first.wait_for()


@pytest.mark.parametrize("language", ["de", "es", "fr", "it"])
async def test_nothing_is_wider_than_a_phone_or_left_in_english(
    village: Village, visitors: Visitors, pages: dict[str, tuple[str, str]], language: str
) -> None:
    page = await visitors.tab(village.url, locale=language, **PHONE)
    await log_in(page)
    english = left_in_english(language)
    found = {}
    for what, place in pages.items():
        await go(page, place, messages(language)["common.loading"])
        found[what] = [*await too_wide(page), *sorted(english & set(await page.evaluate(ALL_TEXTS)))]
    assert {what: wrong for what, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_them(
    village: Village, visitors: Visitors, pages: dict[str, tuple[str, str]], scheme: Literal["light", "dark"]
) -> None:
    page = await visitors.tab(village.url, color_scheme=scheme)
    await log_in(page)
    found = []
    for what, place in pages.items():
        await go(page, place)
        found += await serious(page, what)
    await go(page, pages["a draft"])
    for name in ("Send a test…", "Send…"):
        await page.get_by_role("button", name=name).click()
        dialog = page.get_by_role("dialog")
        await dialog.wait_for()
        await dialog.get_by_text("Loading…").wait_for(state="detached")
        found += await serious(page, name)
        await page.keyboard.press("Escape")
    await go(page, pages["deliveries"])
    await page.get_by_role("button", name="Send to Bo Berg again").first.click()
    found += await serious(page, "Send again")
    assert found == []
