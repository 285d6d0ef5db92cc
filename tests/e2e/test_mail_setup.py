"""Setting mail up: the check says at which step it fails, secrets stay inside, and consent is asked for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.e2e.support.postoffices import SENDER, PostOffice, open_post_office
from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in
from tests.simulators.oauth import OAuthSimulator
from tests.simulators.smtp import SmtpSimulator

PASSWORD = "not to be seen again"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(village: Village) -> AsyncIterator[PostOffice]:
    async with open_post_office(village) as made:
        yield made


def step(page: Page, name: str, outcome: str) -> Locator:
    return page.locator(f"[data-step={name}][data-outcome={outcome}]")


async def test_the_check_names_the_step_that_fails_and_a_test_arrives(resident: Page, office: PostOffice) -> None:
    await resident.goto("/admin/jobs?text=send_expiration")
    await resident.locator("[data-job=send_expiration_emails]").get_by_role("link", name="set it up").click()
    await expect(resident.get_by_text("No mail server is set up")).to_be_visible()
    await resident.get_by_role("radio", name="Without log-in").check()
    await resident.get_by_label("Server", exact=True).fill("localhost")
    await resident.get_by_label("Encryption").select_option("plain")
    await expect(resident.get_by_label("Port")).to_have_value("25")
    await resident.get_by_label("Port").fill("1")
    await resident.get_by_label("Address", exact=True).fill(SENDER)
    await resident.get_by_role("button", name="Check").click()
    await expect(step(resident, "name", "passed")).to_be_visible()
    await expect(step(resident, "connection", "failed")).to_contain_text("can't be reached")
    await expect(step(resident, "sender", "not_tried")).to_be_visible()

    await resident.get_by_label("Port").fill(str(office.smtp.port))
    office.smtp.faults.say("MAIL", "553 5.7.1 not your address", times=1)
    await resident.get_by_role("button", name="Check").click()
    await expect(step(resident, "sender", "failed")).to_contain_text("553 5.7.1 not your address")
    await resident.get_by_role("button", name="Check").click()
    await expect(resident.get_by_text("All is well.")).to_be_visible()

    await resident.get_by_role("button", name="Save").click()
    await expect(resident.get_by_text("The mail set-up is saved.")).to_be_visible()
    await resident.get_by_role("button", name="Send a test…").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_label("Your address").fill("me@example.org")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.locator("[data-delivery-state=sent]")).to_be_visible()
    assert (await office.taken("me@example.org")).sender == SENDER


async def test_a_password_goes_in_and_never_comes_out(resident: Page, village: Village, office: PostOffice) -> None:
    async with SmtpSimulator(passwords={"house": PASSWORD}, login_required=True) as smtp:
        await resident.goto("/admin/mail/setup")
        await resident.get_by_role("radio", name="User name and password").check()
        await resident.get_by_label("Server", exact=True).fill(smtp.host)
        await resident.get_by_label("Encryption").select_option("plain")
        await resident.get_by_label("Port").fill(str(smtp.port))
        await resident.get_by_label("User name", exact=True).fill("house")
        await resident.get_by_label("Password", exact=True).fill("a wrong one")
        await resident.get_by_label("Address", exact=True).fill(SENDER)
        await resident.get_by_role("button", name="Check").click()
        await expect(step(resident, "login", "failed")).to_be_visible()
        await resident.get_by_label("Password", exact=True).fill(PASSWORD)
        await resident.get_by_role("button", name="Save").click()
        await expect(resident.get_by_text("One is kept.")).to_be_visible()
        await resident.reload()
        await expect(resident.get_by_label("Password", exact=True)).to_have_value("")
        await resident.get_by_role("button", name="Check").click()
        await expect(step(resident, "login", "passed")).to_be_visible()
    assert PASSWORD not in str(await village.admin.read("/api/mail/setup"))
    assert PASSWORD not in await resident.content()


async def test_consent_is_asked_for_given_and_forgotten(
    resident: Page, village: Village, office: PostOffice, visitors: Visitors
) -> None:
    async with OAuthSimulator() as provider, SmtpSimulator(opens_by_token=provider.accepts) as smtp:
        provider.redirect_uri = f"{village.url}/api/mail/oauth/callback"
        server: dict[str, Any] = {"host": smtp.host, "port": smtp.port, "security": "plain", "login": "oauth"}
        oauth = {
            "provider": msgspec.to_builtins(provider.application.provider),
            "client_id": provider.client_id,
        }
        policy = {"server": server | {"username": SENDER, "sender": SENDER}, "oauth": oauth}
        await village.ask("PUT", "/api/mail/setup", policy=policy, oauth_client_secret=provider.client_secret)
        await resident.goto("/admin/mail/setup")
        await expect(resident.get_by_role("radio", name="Example Mail")).to_be_checked()
        consent = resident.get_by_role("region", name="Consent of the account's owner")
        await expect(consent).to_contain_text("Not given yet")
        await consent.get_by_role("button", name="Ask for consent…").click()
        await expect(resident.get_by_text("The consent is given")).to_be_visible()
        await expect(consent).to_contain_text("Given, as far as we know.")
        await resident.get_by_role("button", name="Check").click()
        await expect(step(resident, "login", "passed")).to_be_visible()
        await consent.get_by_role("button", name="Forget it").click()
        await expect(consent).to_contain_text("Not given yet")
        # The provider's page is the one address outside that a visitor is sent to.
        assert visitors.complaints and all(provider.url in one for one in visitors.complaints)
        visitors.complaints.clear()


async def test_a_well_known_provider_fills_in_what_it_asks_for(resident: Page, office: PostOffice) -> None:
    await resident.goto("/admin/mail/setup")
    await resident.get_by_role("radio", name="Google").check()
    await expect(resident.get_by_label("Server", exact=True)).to_have_value("smtp.gmail.com")
    await expect(resident.get_by_label("Port")).to_have_value("587")
    await expect(resident.get_by_text(re.compile("/api/mail/oauth/callback$"))).to_be_visible()
    await expect(resident.get_by_role("button", name="Ask for consent…")).to_be_disabled()


async def test_the_set_up_is_for_administrators(village: Village, visitors: Visitors) -> None:
    await village.ask("POST", "/api/users", name="olga", role="operator", password="another person's")
    page = await visitors.tab(village.url)
    await log_in(page, "olga", "another person's")
    await page.goto("/admin/mail/setup")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_role("link", name="Set-up")).to_have_count(0)
