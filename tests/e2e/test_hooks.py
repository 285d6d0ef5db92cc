"""Hooks on the page: made, their secret shown once, called, told, and told again."""

from __future__ import annotations

import aiohttp
from playwright.async_api import Page, expect

from tests.e2e.support.villages import Village
from tests.support.receivers import hook_receiver


async def test_a_hook_in_is_made_and_called_at_its_secret_address(resident: Page) -> None:
    await resident.goto("/admin/hooks")
    await expect(resident.get_by_text("No program runs a job by a call.")).to_be_visible()
    section = resident.get_by_role("region", name="Hooks in")
    await section.get_by_role("button", name="Add").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_label("Hook", exact=True).fill("plex")
    await dialog.get_by_label("Runs").select_option("check_servers")
    await dialog.get_by_label("Events").fill("library.new")
    await dialog.get_by_role("button", name="Save").click()
    address = await resident.get_by_role("dialog", name="The hook plex").get_by_label("Address").input_value()
    assert "/hooks/plex/srh_" in address
    await resident.get_by_role("button", name="I have kept it").click()
    async with aiohttp.ClientSession() as http, http.post(address, json={"event": "media.play"}) as answer:
        assert (await answer.json())["result"] == "ignored"
    await resident.reload()
    row = resident.locator("[data-hook=plex]")
    await expect(row).to_contain_text("media.play")
    await expect(row).to_contain_text("passed over")
    assert "srh_" not in await resident.content()
    await row.get_by_role("button", name="Remove").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(row).to_have_count(0)


async def test_a_hook_out_is_made_and_what_it_was_told_is_seen_and_sent_again(resident: Page, village: Village) -> None:
    async with hook_receiver() as receiver:
        await resident.goto("/admin/hooks")
        await resident.get_by_role("region", name="Hooks out").get_by_role("button", name="Add").click()
        dialog = resident.get_by_role("dialog")
        await dialog.get_by_label("Hook", exact=True).fill("home")
        await dialog.get_by_label("Address to tell").fill("http://kim:pw@127.0.0.1/")
        await dialog.get_by_label("every end").check()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("must not hold a name or a password")
        await dialog.get_by_label("Address to tell").fill(receiver.url)
        await dialog.get_by_role("button", name="Save").click()
        await resident.get_by_role("button", name="I have kept it").click()
        await village.run("check_servers")
        await receiver.wait_for(1)
        await resident.reload()
        row = resident.locator("[data-delivery]").first
        await expect(row).to_contain_text("check_servers")
        await expect(row).to_contain_text("thank you")
        await row.get_by_role("button").click()
        first, again = (await receiver.wait_for(2))[:2]
        assert first.delivery == again.delivery
        receiver.answer = "it arrived"
        await resident.locator("[data-hook=home]").get_by_role("button", name="Test home").click()
        newest = resident.locator("[data-delivery]").first
        await expect(newest).to_contain_text("test")
        await expect(newest).to_contain_text("it arrived")
        assert (await receiver.wait_for(3))[-1].event == "test"
    await village.ask("DELETE", "/api/hooks/out/home")
