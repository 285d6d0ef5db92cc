"""What axe-core (Deque's checker of WCAG) finds: nothing serious, on any page, in either theme."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.async_api import Page

from tests.e2e.support.building import AXE
from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import Visitors, choose, log_in, visit

PLACES = (
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


async def serious(page: Page, where: str) -> list[str]:
    """What is wrong with the page as it stands, serious and worse. Colours on their way to others do not count."""
    await page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{where}: {violation['id']}: {node['html']}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(home: Home, visitors: Visitors, scheme: Literal["light", "dark"]) -> None:
    page = await visitors.tab(home.url, color_scheme=scheme)
    await page.goto("/")
    await page.locator("form").wait_for()
    found = await serious(page, "log-in")
    await log_in(page)
    found += await _jobs(page, home)
    for place in PLACES:
        await visit(page, place)
        found += await serious(page, place)
    for job in ("greet", "crash"):
        await visit(page, f"runs/{await home.run(job)}")
        await page.get_by_role("heading", name="Timeline").wait_for()
        found += await serious(page, f"a run of {job}")
    assert found == []


async def _jobs(page: Page, home: Home) -> list[str]:
    """A job in each state, in both views, and all that opens over them."""
    await home.run("break")
    for path in ("linger/run", "greet/pause", "nightly/disable"):
        status, answer = await home.admin.post(f"/api/jobs/{path}")
        assert status in {200, 202}, answer
    for state in ("error", "running", "paused", "disabled"):
        await page.locator(f"[data-status={state}]").first.wait_for()
    found = await serious(page, "cards")
    await page.locator("[data-job=zones]").get_by_role("button", name="Interval").click()
    found += await serious(page, "the interval's editor")
    await page.keyboard.press("Escape")
    await page.keyboard.press("v")
    await page.locator("tr[data-job]").first.wait_for()
    found += await serious(page, "table")
    for item in ("Why didn't it run?", "Change the pause…", "Disable", "Run with options…"):
        await choose(page, "greet", item)
        found += await serious(page, item)
        await page.keyboard.press("Escape")
    for key in ("?", "Control+k"):
        await page.keyboard.press(key)
        await page.get_by_role("dialog").wait_for()
        found += await serious(page, key)
        await page.keyboard.press("Escape")
    return found
