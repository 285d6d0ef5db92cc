"""A backup is made, taken elsewhere, brought back and restored, all on the page."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.support.homes import Home
from tests.e2e.support.visitors import visit


async def test_a_backup_is_kept_elsewhere_brought_back_and_restored(home: Home, page: Page, tmp_path: Path) -> None:
    await visit(page, "backups")
    await page.get_by_role("button", name="Back up now").click()
    await page.get_by_role("dialog").get_by_role("button", name="Back up now").click()
    await expect(page.get_by_text("is on disk.")).to_be_visible()
    [made] = (await home.admin.read("/api/backups"))["backups"]
    card = page.locator(f"[data-backup='{made['name']}']")

    async with page.expect_download() as download:
        await card.get_by_role("link", name="Download").click()
    file = tmp_path / made["name"]
    await (await download.value).save_as(file)
    await card.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(card).to_have_count(0)

    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Upload").click()
    await (await chooser.value).set_files(file)
    await expect(page.get_by_text(f"{made['name']} is here, and whole.")).to_be_visible()

    status, settings = await home.admin.put("/api/settings", backups={"keep_days": 7})
    assert status == 200, settings
    await card.get_by_role("button", name="Restore").click()
    dialog = page.get_by_role("dialog")
    confirm = dialog.get_by_role("button", name="Restore")
    await dialog.get_by_label(f"Type {made['name']} to confirm").fill("yes")
    await expect(confirm).to_be_disabled()
    await dialog.get_by_label(f"Type {made['name']} to confirm").fill(made["name"])
    await confirm.click()
    await expect(page.get_by_text(f"{made['name']} is restored.")).to_be_visible(timeout=60_000)
    await expect(page.get_by_text("before a restore")).to_be_visible()
    assert (await home.admin.read("/api/settings"))["backups"]["keep_days"] == 30


async def test_what_is_no_backup_is_not_taken(home: Home, page: Page, tmp_path: Path) -> None:
    there = (await home.admin.read("/api/backups"))["backups"]
    file = tmp_path / "holiday.backup"
    file.write_bytes(b"a picture")
    await visit(page, "backups")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Upload").click()
    await (await chooser.value).set_files(file)
    await expect(page.get_by_text("it is no backup")).to_be_visible()
    assert (await home.admin.read("/api/backups"))["backups"] == there
