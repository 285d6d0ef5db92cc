"""How much of the time servers were up, as bars and in words; and how long history is kept."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.e2e.support.phones import PHONE, too_wide
from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in, visit
from tests.e2e.test_accessibility import serious

BARS = "[data-availability] svg"
TOLD = {
    "en": (r"Available in the last 30 days: (\d|not known)", "Loading…"),
    "de": (r"Erreichbar in den letzten 30 Tagen: (\d|nicht bekannt)", "Lädt…"),
    "fr": (r"Disponible sur les 30 derniers jours : (\d|inconnu)", "Chargement…"),
    "es": (r"Disponible en los últimos 30 días: (\d|no se sabe)", "Cargando…"),
    "it": (r"Disponibile negli ultimi 30 giorni: (\d|non noto)", "Caricamento…"),
}


@pytest.mark.parametrize("language", TOLD)
async def test_every_server_has_a_bar_a_day_and_says_it_in_words(
    village: Village, visitors: Visitors, language: str
) -> None:
    words, loading = TOLD[language]
    page = await visitors.tab(village.url, locale=language, **PHONE)
    await log_in(page)
    await visit(page, "servers", loading)
    count = len((await village.admin.read("/api/servers"))["servers"])
    await expect(page.locator(BARS)).to_have_count(count)
    for bars in await page.locator(BARS).all():
        assert await bars.get_attribute("role") == "img"
        assert re.match(words, await bars.get_attribute("aria-label") or "")
        assert await bars.locator("g").count() == 30
    assert await too_wide(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_them(
    village: Village, visitors: Visitors, scheme: Literal["light", "dark"]
) -> None:
    page = await visitors.tab(village.url, color_scheme=scheme)
    await log_in(page)
    await visit(page, "servers")
    await page.locator(BARS).first.wait_for()
    found = await serious(page, "servers")
    await visit(page, "backups")
    await page.get_by_label("Mail that was sent").wait_for()
    assert [*found, *await serious(page, "backups")] == []


async def test_a_server_that_goes_down_shows_in_its_bar(village: Village, resident: Page) -> None:
    body = {"kind": "jellyfin", "name": "Away", "url": "http://127.0.0.1:9", "token": "x", "unchecked": True}
    server = await village.ask("POST", "/api/servers", **body)
    await visit(resident, f"servers/{server['id']}")
    await expect(resident.locator(f"{BARS} .down")).to_have_count(1)
    await expect(resident.locator(f"{BARS} .unknown")).to_have_count(29)
    await expect(resident.locator("[data-availability] figcaption")).to_contain_text("0%")
    await village.ask("DELETE", f"/api/servers/{server['id']}")


async def test_how_long_history_is_kept_is_set_on_the_page(village: Village, resident: Page) -> None:
    await visit(resident, "backups")
    form = resident.get_by_role("form", name="How long history is kept")
    await form.get_by_label("Runs, with all about them").fill("45")
    await form.get_by_role("button", name="Save").click()
    await expect(resident.get_by_text("The settings are saved.")).to_be_visible()
    assert (await village.admin.read("/api/settings"))["history"]["runs"] == 45
    await form.get_by_label("Mail that was sent").fill("10")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_contain_text("at least 60 days")
    run = await village.run("cleanup_history")
    assert (run["outcome"], run["summary"]) == ("succeeded", "nothing to do"), run
    run = await village.run("check_consistency")
    assert run["outcome"] == "succeeded", run
