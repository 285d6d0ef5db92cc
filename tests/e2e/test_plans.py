"""The plans: what people get and for how long; and the settings that say what happens after that."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.support.villages import Village


async def test_a_plan_is_made_changed_and_kept_while_somebody_has_it(resident: Page, village: Village) -> None:
    server, libraries = await village.server("jellyfin"), await village.libraries("jellyfin")
    await resident.goto("/admin/plans")
    await expect(resident.get_by_text("a plan says what people get and for how long")).to_be_visible()
    await resident.get_by_role("button", name="Add a plan").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Family")
    await dialog.get_by_label("Days").fill("90")
    await dialog.get_by_role("checkbox", name=server["name"]).check()
    await dialog.get_by_role("button", name="Save").click()
    card = resident.locator("[data-plan=Family]")
    await expect(card).to_contain_text("90 days")
    await expect(card.locator("dd")).to_have_text("everything")

    await card.get_by_role("button", name="Change").click()
    everything = dialog.get_by_role("checkbox", name=server["name"])
    await dialog.get_by_role("checkbox", name=libraries[0]["title"]).last.uncheck()
    await expect(everything).not_to_be_checked()
    await dialog.get_by_role("switch", name="For life").check()
    await expect(dialog.get_by_label("Days")).to_have_count(0)
    await dialog.get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("For life")
    await expect(card.locator("dd")).to_have_text(", ".join(sorted(one["title"] for one in libraries[1:])))

    (plan,) = (await village.admin.read("/api/plans"))["plans"]
    assert plan["days"] is None and set(plan["libraries"]) == {one["id"] for one in libraries[1:]}
    person = (await village.viewers("jellyfin"))[0]
    await village.ask("PUT", f"/api/people/{person['id']}/subscription", plan_id=plan["id"])
    await resident.reload()
    await expect(card.get_by_role("link", name="1 person has it")).to_be_visible()
    await card.get_by_role("button", name="Remove").click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(resident.get_by_role("status").locator(".bad")).not_to_be_empty()
    assert (await village.admin.read("/api/plans"))["plans"] == [plan | {"people": 1}]


async def test_the_settings_are_kept(resident: Page, village: Village) -> None:
    await resident.goto("/admin/settings")
    await expect(resident.get_by_role("radio", name="Take access", exact=True)).to_be_checked()
    await resident.get_by_role("radio", name="Warn, then take access").check()
    await resident.get_by_label("Days of grace").fill("3")
    await resident.get_by_label("At most percent of all").fill("35")
    await resident.get_by_role("radio", name="Change it back").check()
    await resident.get_by_role("button", name="Save").click()
    await expect(resident.get_by_text("The settings are saved.")).to_be_visible()
    await resident.reload()
    await expect(resident.get_by_label("Days of grace")).to_have_value("3")
    await expect(resident.get_by_label("At most percent of all")).to_have_value("35")
    kept = (await village.admin.read("/api/settings"))["access"]
    assert kept["on_expiry"] == "warn_then_disable" and kept["hand_edits"] == "revert" and kept["most_share"] == 0.35
