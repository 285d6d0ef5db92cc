"""Access as it is and as it should be; too much at once waits for approval, and what was done can be undone."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.support.villages import Village


async def sees(village: Village, person: dict[str, Any]) -> int:
    """How many libraries a person was last seen to have."""
    card = await village.admin.read(f"/api/people/{person['id']}")
    return sum(int(account["libraries"]) for account in card["accounts"])


async def test_a_difference_is_shown_and_applied_from_its_page(resident: Page, village: Village) -> None:
    person = (await village.viewers("jellyfin"))[0]
    await resident.goto("/admin/access")
    await expect(resident.get_by_text("Everybody has what they should have.")).to_be_visible()
    await village.ask("POST", f"/api/people/{person['id']}/suspend", reason="a test")
    await resident.reload()
    rows = resident.locator("tr[data-account]")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(person["name"])
    await expect(rows).to_contain_text(re.compile(r"Take \d+ librar"))
    await resident.get_by_role("button", name="Dry runs").click()
    await resident.get_by_role("menuitem", name="Apply Jellyfin access: only show what it would do").click()
    await expect(resident.get_by_role("row", name="access taken")).to_contain_text("planned")
    assert await sees(village, person) > 0

    await resident.goto("/admin/access")
    await resident.get_by_role("button", name="Apply Jellyfin access").click()
    await expect(resident.get_by_role("row", name="access taken")).to_contain_text("done")
    assert await sees(village, person) == 0
    await resident.goto("/admin/access")
    await expect(resident.get_by_text("Everybody has what they should have.")).to_be_visible()
    await resident.get_by_role("button", name="Show all accounts").click()
    await expect(rows).not_to_have_count(0)


async def test_a_plan_that_takes_too_much_names_its_people_waits_and_is_approved(
    resident: Page, village: Village
) -> None:
    people = (await village.viewers("plex"))[:3]
    policy = (await village.admin.read("/api/settings"))["access"]
    await village.ask("PUT", "/api/settings", access=policy | {"most_people": 1})
    for person in people:
        await village.ask("POST", f"/api/people/{person['id']}/suspend", reason="a test")
    run = await village.run("apply_plex_access")
    assert run["outcome"] == "held"
    assert [await sees(village, person) for person in people] != [0, 0, 0]

    await resident.goto("/admin/runs?outcome=held")
    await resident.locator("[data-run]").get_by_role("link").click()
    await expect(resident.get_by_role("main").get_by_text("waits for approval").first).to_be_visible()
    await resident.get_by_role("button", name="Look and approve…").click()
    dialog = resident.get_by_role("dialog")
    for person in people:
        await expect(dialog.get_by_role("listitem").filter(has_text=person["name"])).not_to_have_count(0)
    # Nothing was done, so nothing can be undone.
    await expect(resident.get_by_role("button", name="Undo", include_hidden=True)).to_have_count(0)
    await dialog.get_by_role("button", name="Approve and carry out").click()
    await resident.get_by_role("link", name="It carries out what this run held back").wait_for()
    await village.ended(resident.url.rsplit("/", 1)[-1])
    assert [await sees(village, person) for person in people] == [0, 0, 0]

    await resident.get_by_role("link", name="It carries out what this run held back").click()
    await expect(resident.get_by_role("link", name="It was approved; this run carried it out")).to_be_visible()
    await expect(resident.get_by_role("button", name="Look and approve…")).to_have_count(0)


async def test_what_a_run_did_is_undone(resident: Page, village: Village) -> None:
    person = (await village.viewers("jellyfin"))[1]
    before = await sees(village, person)
    await village.ask("POST", f"/api/people/{person['id']}/suspend", reason="a test")
    run = await village.run("apply_jellyfin_access")
    assert await sees(village, person) == 0

    await resident.goto(f"/admin/runs/{run['id']}")
    await resident.get_by_role("button", name="Undo").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Undo").click()
    await resident.get_by_role("link", name="It undoes this run").wait_for()
    await village.ended(resident.url.rsplit("/", 1)[-1])
    assert await sees(village, person) == before
    await resident.goto(f"/admin/runs/{run['id']}")
    await expect(resident.get_by_role("link", name="It was undone by this run")).to_be_visible()
    await expect(resident.get_by_role("button", name="Undo")).to_have_count(0)


async def test_the_page_of_a_server_tells_its_state_and_its_libraries(resident: Page, village: Village) -> None:
    server, libraries = await village.server("plex"), await village.libraries("plex")
    await resident.goto("/admin/servers")
    await resident.get_by_role("link", name=server["name"]).click()
    await expect(resident.get_by_role("heading", name=server["name"])).to_be_visible()
    await expect(resident.locator("header [data-state=up]")).to_be_visible()
    await expect(resident.locator("tr[data-library]")).to_have_count(len(libraries))
    library = libraries[0]["title"]
    rows = (await village.admin.read(f"/api/access?server={server['id']}&limit=500"))["rows"]
    seen_by = {row["person_id"] for row in rows if library in row["observed"]}
    await expect(resident.locator(f"tr[data-library='{library}'] [data-viewers]")).to_have_text(str(len(seen_by)))
    await resident.get_by_role("link", name="who has what").click()
    await expect(resident.locator("tr[data-account]").first).to_contain_text(server["name"])
