"""Channels for alerts: added, tried, changed and removed; their addresses go in and never come out."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in
from tests.simulators.channel import ChannelSimulator
from tests.support.gateways import PASSWORD
from tests.support.waiting import wait_until

SECRET = "hook-4711-geheim"


async def test_that_a_channel_takes_no_alerts_is_told_on_the_others(resident: Page, village: Village) -> None:
    # A run of its schedule that ends well right after would leave nothing to tell.
    await village.ask("POST", "/api/jobs/send_alerts/pause")
    async with ChannelSimulator() as service:
        await village.ask("POST", "/api/alerts/channels", name="ops", url=service.address)
        await village.ask("POST", "/api/alerts/channels", name="broken", url="json://127.0.0.1:9/nobody-listens")
        await village.ask("POST", "/api/alerts/channels/broken/test")
        run = await village.run("send_alerts")
        assert run["outcome"] == "failed" and "nobody-listens" not in str(run)
        await resident.goto("/admin/alerts")

        async def told() -> bool:
            return any(alert["kind"] == "failed" for alert in (await village.admin.read("/api/alerts"))["alerts"])

        await wait_until(told, 30, what="the alert")
        await village.run("send_alerts")
        (taken,) = service.messages
        assert taken.title == "Send alerts failed" and "broken: " in taken.text
        await resident.reload()
        await resident.locator("[data-alert=failed]").get_by_role("link", name="Send alerts").click()
        await expect(resident).to_have_url(f"{village.url}/admin/runs/{run['id']}")
    for name in ("ops", "broken"):
        await village.ask("DELETE", f"/api/alerts/channels/{name}")


async def test_a_channel_is_added_tried_and_removed(resident: Page) -> None:
    async with ChannelSimulator(SECRET) as service:
        await resident.goto("/admin/jobs?text=send_alerts")
        await resident.locator("[data-job=send_alerts]").get_by_role("link", name="add one").click()
        await expect(resident.get_by_text("Nobody is told yet")).to_be_visible()
        await resident.get_by_role("button", name="Add a channel").click()
        dialog = resident.get_by_role("dialog")
        await dialog.get_by_label("Channel", exact=True).fill("ops")
        await dialog.get_by_label("Address").fill("nonsense")
        await dialog.get_by_role("button", name="Add a channel").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("no address of a service")
        await dialog.get_by_label("Address").fill(service.address)
        await dialog.get_by_label("A job has recovered").uncheck()
        await dialog.get_by_role("button", name="Add a channel").click()
        row = resident.locator("[data-channel=ops]")
        await expect(row).to_contain_text("JSON")
        await expect(row).to_contain_text("failed, stuck, waits for approval")

        await row.get_by_role("button", name="Test").click()
        await expect(resident.locator("[data-sending=sent]")).to_be_visible()
        assert [taken.title for taken in service.messages] == ["Test of the channel ops"]
        await expect(row.get_by_role("time")).to_be_visible()

        service.revoke()
        await row.get_by_role("button", name="Test").click()
        await expect(row.locator(".trouble")).to_contain_text("404")
        await resident.reload()
        await expect(row).to_be_visible()
        assert SECRET not in await resident.content()

        await row.get_by_role("switch").click()
        await expect(row.get_by_role("button", name="Test")).to_be_disabled()
        await row.get_by_role("button", name="Remove").click()
        await resident.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(resident.get_by_text("Nobody is told yet")).to_be_visible()


async def test_how_long_it_is_quiet_is_set_here(resident: Page, village: Village) -> None:
    await resident.goto("/admin/alerts")
    await resident.get_by_label("Quiet, in minutes").fill("5")
    await resident.get_by_role("button", name="Save").click()
    await expect(resident.get_by_role("status").filter(has_text="saved")).to_be_visible()
    assert (await village.admin.read("/api/settings"))["alerts"] == {"calm_minutes": 5, "stuck_minutes": 15}


async def test_a_viewer_sees_what_was_told_and_no_channels(village: Village, visitors: Visitors) -> None:
    await village.ask("POST", "/api/users", name="viola", role="viewer", password=PASSWORD)
    viewer = await visitors.tab(village.url)
    await log_in(viewer, "viola", PASSWORD)
    await viewer.goto("/admin/alerts")
    await expect(viewer.get_by_role("heading", name="What was told")).to_be_visible()
    await expect(viewer.get_by_role("heading", name="Channels")).to_have_count(0)
