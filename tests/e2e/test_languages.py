"""The page in each of its languages, on a phone, where words have least room."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.support.building import PAGE
from tests.e2e.support.homes import Home
from tests.e2e.support.phones import PHONE, too_wide
from tests.e2e.support.visitors import Visitors, log_in, visit

FOLDER = PAGE / "src/messages"
LANGUAGES = ("de", "es", "fr", "it")
PLACES = (
    "jobs",
    "runs",
    "servers",
    "servers?add=any",
    "people",
    "people/import",
    "plans",
    "access",
    "mail",
    "mail/templates",
    "mail/templates/new",
    "mail/campaigns",
    "mail/campaigns/new",
    "mail/setup",
    "settings",
    "accounts",
    "audit",
    "preferences",
)
LONG_ENOUGH = 6
"""Shorter words may well be alike in two languages, or be somebody's name."""

# But for what stands there as the API has it.
ALL_TEXTS = """() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const asItIs = walker.currentNode.parentElement.closest("[translate=no]");
        if (!asItIs) texts.push(walker.currentNode.textContent.trim());
    }
    for (const element of document.querySelectorAll("[title], [aria-label], [placeholder]"))
        for (const name of ["title", "aria-label", "placeholder"]) texts.push(element.getAttribute(name) ?? "");
    return texts;
}"""


def messages(language: str) -> dict[str, str]:
    kept: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text())
    return kept


def left_in_english(language: str) -> set[str]:
    """Texts that nobody who reads this language should meet."""
    theirs = messages(language)
    spoken = set(theirs.values())
    return {text for key, text in messages("en").items() if len(text) >= LONG_ENOUGH and text not in spoken}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_there_and_fills_the_same_places(language: str) -> None:
    english, theirs = messages("en"), messages(language)
    assert theirs.keys() == english.keys()
    assert all(text.strip() for text in theirs.values())
    places = re.compile(r"\{\w+\}")
    # A singular may leave its number out.
    differ = {
        key
        for key, text in english.items()
        if not key.endswith(".one") and sorted(places.findall(text)) != sorted(places.findall(theirs[key]))
    }
    assert differ == set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_speaks_english_or_overflows(home: Home, visitors: Visitors, language: str) -> None:
    page = await visitors.tab(home.url, locale=language, **PHONE)
    await log_in(page)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    english = left_in_english(language)
    found: dict[str, Any] = {}
    for place in PLACES:
        await visit(page, place, messages(language)["common.loading"])
        found[place] = [*await too_wide(page), *sorted(english & set(await page.evaluate(ALL_TEXTS)))]
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


async def test_french_by_the_browser_and_german_by_choice(home: Home, visitors: Visitors) -> None:
    page = await visitors.tab(home.url, locale="fr-FR")
    await log_in(page)
    await expect(page.get_by_role("heading", name="Tâches", exact=True)).to_be_visible()
    await expect(page.locator("[data-job=greet]").get_by_text("Toutes les heures")).to_be_visible()
    await expect(page.locator("[data-job=nightly]").get_by_text("03:30")).to_be_visible()
    await page.goto("/admin/preferences")
    await page.get_by_label("Langue").select_option("de")
    await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await _speaks_german_after_a_reload(page)


async def _speaks_german_after_a_reload(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
