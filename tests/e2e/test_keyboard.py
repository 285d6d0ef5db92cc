"""The page by the keyboard alone: nothing here touches a mouse."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support.gateways import PASSWORD


async def test_in_to_a_job_through_its_run_and_out_again(stranger: Page) -> None:
    keys = stranger.keyboard
    await stranger.goto("/")
    await expect(stranger.get_by_label("Password")).to_be_focused()
    await keys.type(PASSWORD)
    await keys.press("Enter")
    lingering = stranger.locator("[data-job=linger]")
    await lingering.wait_for()

    await keys.press("/")
    await keys.type("linger")
    await expect(stranger.locator("[data-job]")).to_have_count(1)
    for _ in range(3):  # past the two lists, in which letters choose
        await keys.press("Tab")
    await keys.press("j")
    await expect(lingering).to_be_focused()
    await keys.press("r")
    await expect(lingering.locator("[data-status=running]")).to_be_visible()
    await keys.press("c")
    await expect(lingering.locator("[data-status=idle]")).to_be_visible()
    await keys.press("p")
    await expect(lingering.locator("[data-status=paused]")).to_be_visible()
    await keys.press("w")
    await expect(stranger.get_by_role("dialog")).to_contain_text("The job is paused.")
    await keys.press("Escape")
    await expect(lingering).to_be_focused()
    await keys.press("p")
    await expect(lingering.locator("[data-status=idle]")).to_be_visible()


async def test_a_menu_a_dialog_and_the_way_back(page: Page) -> None:
    keys = page.keyboard
    await page.locator("[data-job=greet]").get_by_role("button", name="More").focus()
    await keys.press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await keys.press("End")
    await expect(page.get_by_role("menuitem", name="Disable")).to_be_focused()
    await keys.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(8):  # round and round, never behind the dialog
        await keys.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await keys.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.locator("[data-job=greet] [data-status=idle]")).to_be_visible()


async def test_the_sheet_lists_the_keys_and_the_palette_goes_anywhere(page: Page) -> None:
    keys = page.keyboard
    await keys.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    await expect(sheet).to_contain_text("Go anywhere, do anything")
    await expect(sheet).to_contain_text("Why didn't it run?")
    await keys.press("Escape")
    await expect(sheet).to_have_count(0)

    await keys.press("Control+k")
    await keys.type("run now zone")
    await keys.press("Enter")
    await expect(page.get_by_role("status").get_by_text("Zone transfer has started.")).to_be_visible()
    await keys.press("Control+k")
    await keys.type("audit")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Audit")).to_be_visible()
    await keys.press("g")
    await keys.press("r")
    await expect(page.get_by_role("heading", name="Runs")).to_be_visible()


async def test_the_first_tab_leads_past_the_navigation(page: Page) -> None:
    await page.reload()
    await page.locator("[data-job]").first.wait_for()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Jump to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
