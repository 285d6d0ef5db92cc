"""A table of people goes out and comes in: first as a report, then all of it or nothing."""

from __future__ import annotations

from playwright.async_api import FilePayload, Page, expect

from tests.e2e.support.villages import Village


def table(text: str) -> FilePayload:
    return {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}


async def test_a_table_is_reported_mended_and_then_carried_out(resident: Page, village: Village) -> None:
    await village.add_plan("Family", "plex")
    await resident.goto("/admin/people")
    await resident.get_by_role("button", name="Tables (CSV)").click()
    await resident.get_by_role("menuitem", name="Import people").click()
    chooser = resident.get_by_label("Table (CSV)")
    await chooser.set_input_files(table("name,email,plan\r\nGreta,greta@example.org,Family\r\nOtto,otto,Family\r\n"))
    await expect(resident.locator("tr[data-line='3']")).to_contain_text("can't be used")
    await expect(resident.get_by_role("button", name="Carry it out")).to_have_count(0)

    await chooser.set_input_files(table("name,email,plan\r\nGreta,greta@example.org,Family\r\n"))
    await expect(resident.get_by_text("1 to be added")).to_be_visible()
    await expect(resident.locator("tr[data-line='2']")).to_contain_text("greta@example.org")
    assert (await village.admin.read("/api/people?text=greta"))["total"] == 0
    await resident.get_by_role("button", name="Carry it out").click()
    await expect(resident.get_by_text("All of it is written.")).to_be_visible()
    (greta,) = (await village.admin.read("/api/people?text=greta"))["people"]
    assert greta["subscription"]["plan"] == "Family"


async def test_an_export_changes_nothing_when_it_comes_back(resident: Page, village: Village) -> None:
    await resident.goto("/admin/people/import")
    async with resident.expect_download() as download:
        await resident.get_by_role("link", name="Export all people").click()
    exported = (await (await download.value).path()).read_text()
    count = (await village.admin.read("/api/people?limit=1"))["total"]
    await resident.get_by_label("Table (CSV)").set_input_files(table(exported))
    await expect(resident.get_by_text("The table changes nothing.")).to_be_visible()
    await expect(resident.get_by_text(f"{count} stay as they are")).to_be_visible()
