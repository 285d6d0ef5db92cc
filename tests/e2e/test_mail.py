"""Mail to people: what is said when, campaigns to many, and what became of each message."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.support.postoffices import PUBLIC_URL, PostOffice, open_post_office
from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in

WEEK_BEFORE = "[data-moment='before_expiry/7']"
DEFERRING = "451 4.7.1 greylisted, come back later"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(village: Village) -> AsyncIterator[PostOffice]:
    async with open_post_office(village) as made:
        await made.set_up()
        yield made


async def test_a_template_is_seen_while_it_is_written_and_kept(resident: Page, office: PostOffice) -> None:
    person = await office.reader("Ada Lovelace", days_left=7)
    await resident.goto("/admin/mail/templates")
    await resident.locator(WEEK_BEFORE).get_by_role("link", name="English").click()
    preview = resident.get_by_role("region", name="Preview")
    mail = resident.frame_locator("iframe")
    await expect(mail.get_by_text("Hello Kim,")).to_be_visible()
    await expect(preview.get_by_text("7 days left")).to_be_visible()

    await resident.get_by_label("Subject").fill("{{ days_left }} days, {{ firstname }}")
    await resident.get_by_label("HTML (optional)").fill("<p style='color: rgb(1, 2, 3)'>To {{ username }}</p>")
    await expect(preview.get_by_text("7 days, Kim")).to_be_visible()
    await preview.get_by_role("button", name="For somebody…").click()
    await resident.get_by_role("dialog").get_by_label("Find somebody").fill(person["name"])
    await resident.get_by_role("dialog").get_by_role("radio", name=person["name"]).check()
    await resident.get_by_role("dialog").get_by_role("button", name="Show").click()
    await expect(preview.get_by_text("7 days, Ada")).to_be_visible()
    await expect(mail.get_by_text("To Ada Lovelace")).to_have_css("color", "rgb(1, 2, 3)")

    await resident.get_by_role("button", name="Save").click()
    await expect(resident.get_by_text("The template is saved.")).to_be_visible()
    templates = (await office.village.admin.read("/api/mail/templates"))["templates"]
    assert "{{ days_left }} days, {{ firstname }}" in {template["subject"] for template in templates}


async def test_what_is_wrong_with_a_template_is_said_at_its_place_and_not_kept(
    resident: Page, office: PostOffice
) -> None:
    await resident.goto("/admin/mail/templates")
    await resident.locator(WEEK_BEFORE).get_by_role("link", name="Deutsch").click()
    text = resident.get_by_label("Text", exact=True)
    await text.fill("Hallo\n{{ frstname }}")
    await expect(text).to_have_attribute("aria-invalid", "true")
    fault = resident.get_by_text("Line 2: There is no variable frstname: did you mean firstname?")
    await expect(fault).to_be_visible()
    await resident.get_by_role("button", name="Save").click()
    await expect(resident.locator("form > [role=alert]")).to_contain_text("frstname")
    await text.fill("Hallo ")
    await resident.get_by_text("What can be said of a person").click()
    await text.focus()
    await resident.get_by_role("button", name="Insert firstname").click()
    await expect(text).to_have_value("Hallo {{ firstname }}")
    await expect(fault).to_have_count(0)
    # Leaving would lose it, so it is asked first.
    await resident.get_by_role("link", name="English").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(resident.get_by_label("Text", exact=True)).to_have_value(re.compile("^Hello"))


async def test_nothing_in_a_mail_runs_or_leads_away(resident: Page, office: PostOffice) -> None:
    await resident.goto("/admin/mail/templates/new")
    await resident.get_by_label("Subject").fill("Trap")
    await resident.get_by_label("Text", exact=True).fill("Trap")
    html = "<script>parent.ran = 1</script><a href='/admin/jobs'>away</a><p>It is there</p>"
    await resident.get_by_label("HTML (optional)").fill(html)
    mail = resident.frame_locator("iframe")
    await expect(mail.get_by_text("It is there")).to_be_visible()
    await mail.get_by_text("away").click()
    await expect(mail.get_by_text("It is there")).to_be_visible()
    assert await resident.evaluate("window.ran") is None
    assert len(resident.context.pages) == 1


async def test_a_template_in_another_language_begins_with_the_words_to_translate(
    resident: Page, office: PostOffice
) -> None:
    templates = (await office.village.admin.read("/api/mail/templates"))["templates"]
    gone = next(one for one in templates if (one["event"], one["days"], one["language"]) == ("before_expiry", 30, "it"))
    await office.village.ask("DELETE", f"/api/mail/templates/{gone['id']}")
    await resident.goto("/admin/mail/templates")
    await resident.locator("[data-moment='before_expiry/30']").get_by_role("link", name="Deutsch").click()
    await resident.get_by_role("link", name="+ Italiano").click()
    await expect(resident.get_by_label("Language")).to_have_value("it")
    await expect(resident.get_by_label("Subject")).to_have_value("Dein Zugang endet in {{ days_left }} Tagen")
    await resident.get_by_label("Subject").fill(gone["subject"])
    await resident.get_by_role("button", name="Save").click()
    await expect(resident.get_by_role("heading", name="30 days before the last day", level=1)).to_be_visible()
    await expect(resident.get_by_role("link", name="Italiano")).to_have_attribute("aria-current", "page")


async def test_a_campaign_is_shown_to_whom_it_goes_tried_sent_and_told_of(resident: Page, office: PostOffice) -> None:
    for name in ("Bo Berg", "Cy Cole"):
        await office.reader(name, language="es", days_left=200)
    gone = await office.reader("Di Dahl", language="es", days_left=200)
    await office.village.ask("PUT", f"/api/people/{gone['id']}/mail", campaigns=False)
    office.smtp.faults.say("RCPT", "550 5.1.1 nobody of that name", to="cy@")

    await resident.goto("/admin/mail/campaigns")
    await resident.get_by_role("link", name="New campaign").click()
    await resident.get_by_label("Name", exact=True).fill("Summer")
    await resident.get_by_label("Subject").fill("A break, {{ firstname }}")
    await resident.get_by_label("Text", exact=True).fill("Off until Friday.")
    await resident.get_by_role("checkbox", name="Español").check()
    audience = resident.get_by_role("region", name="2 people would get it")
    await expect(audience.get_by_role("listitem").filter(has_text="Bo Berg")).to_be_visible()
    await expect(audience.get_by_text("1 wants no campaigns")).to_be_visible()
    await resident.get_by_role("button", name="Save").click()

    await resident.get_by_role("button", name="Send a test…").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_label("Your address").fill("me@example.org")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.locator("[data-delivery-state=sent]")).to_be_visible()
    assert (await office.taken("me@example.org")).message["Subject"] == "A break, Kim"
    await dialog.get_by_role("button", name="Close").last.click()

    await resident.get_by_role("button", name="Send…").click()
    await expect(dialog.get_by_text("Bo Berg, Cy Cole")).to_be_visible()
    await dialog.get_by_role("button", name="Send to 2 people").click()
    await expect(resident.locator("h1 [data-campaign-state=sent]")).to_be_visible()
    await expect(resident.get_by_text("2 of 2 messages settled")).to_be_visible()
    await expect(resident.locator("[data-delivery='Cy Cole']")).to_contain_text("550 5.1.1 nobody of that name")
    await resident.get_by_role("button", name=re.compile("sent 1")).click()
    await expect(resident.locator("[data-delivery]")).to_have_count(1)
    message = (await office.taken("bo@example.net")).message
    assert message["Subject"] == "A break, Bo" and PUBLIC_URL in message["List-Unsubscribe"]
    assert all("di@example.net" not in taken.recipients for taken in office.smtp.messages)


async def test_a_campaign_is_paused_goes_on_and_is_stopped(resident: Page, office: PostOffice) -> None:
    people = [await office.reader(name) for name in ("Ed Ede", "Fay Fox")]
    office.smtp.faults.say("RCPT", DEFERRING, to="ed@")
    campaign = await office.campaign("Autumn", people)
    await office.village.ask("POST", f"/api/mail/campaigns/{campaign['id']}/launch")
    await office.village.run("send_campaign_emails")
    await resident.goto(f"/admin/mail/campaigns/{campaign['id']}")
    await expect(resident.get_by_text("1 of 2 messages settled")).to_be_visible()
    await resident.get_by_role("button", name="Pause").click()
    await expect(resident.locator("h1 [data-campaign-state=paused]")).to_be_visible()
    await resident.get_by_role("button", name="Go on").click()
    await expect(resident.locator("h1 [data-campaign-state=sending]")).to_be_visible()
    await resident.get_by_role("button", name="Stop").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Stop").click()
    await expect(resident.locator("h1 [data-campaign-state=stopped]")).to_be_visible()
    await expect(resident.locator("[data-delivery='Ed Ede'] [data-delivery-state=dropped]")).to_be_visible()


async def test_a_campaign_is_planned_for_later_and_taken_back(resident: Page, office: PostOffice) -> None:
    campaign = await office.campaign("Winter", [await office.reader("Gus Gray")])
    await resident.goto(f"/admin/mail/campaigns/{campaign['id']}")
    await resident.get_by_role("button", name="Send…").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_role("radio", name="Later").check()
    await dialog.locator("input[type=datetime-local]").fill("2000-01-01T10:00")
    await expect(dialog.get_by_role("button", name="Schedule")).to_be_disabled()
    await dialog.locator("input[type=datetime-local]").fill("2099-12-24T18:00")
    await dialog.get_by_role("button", name="Schedule").click()
    await expect(resident.locator("h1 [data-campaign-state=scheduled]")).to_be_visible()
    await expect(resident.get_by_text(re.compile("Begins .*24 Dec.*18:00"))).to_be_visible()
    await resident.get_by_role("button", name="Back to draft").click()
    await expect(resident.locator("h1 [data-campaign-state=draft]")).to_be_visible()
    await resident.get_by_role("button", name="Remove").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(resident.get_by_text("Winter is removed.")).to_be_visible()


async def test_a_message_is_found_with_its_answer_and_sent_again(resident: Page, office: PostOffice) -> None:
    await office.reader("Hal Hope", days_left=0)
    office.smtp.faults.say("RCPT", "550 5.2.2 the mailbox is full", to="hal@", times=1)
    await office.village.run("send_expiration_emails")
    await resident.goto("/admin/mail")
    await resident.get_by_role("searchbox").fill("mailbox is full")
    row = resident.locator("[data-delivery='Hal Hope']")
    await expect(row).to_contain_text("550 5.2.2 the mailbox is full")
    await expect(resident.locator("[data-delivery]")).to_have_count(1)
    await resident.get_by_label("State").select_option("refused")
    await expect(resident).to_have_url(re.compile("text=mailbox.*state=refused"))
    await row.get_by_role("button", name="Send to Hal Hope again").click()
    await resident.get_by_role("dialog").get_by_role("button", name="Send again").click()
    assert (await office.taken("hal@example.net")).message["Subject"] == "Your access ends today"
    await resident.goto("/admin/mail?text=Hal+Hope&state=sent")
    await expect(row).to_contain_text("250")


async def test_a_person_page_tells_their_mail_and_whether_they_want_campaigns(
    resident: Page, office: PostOffice
) -> None:
    person = await office.reader("Ida Iles", days_left=0)
    await office.village.run("send_expiration_emails")
    await resident.goto(f"/admin/people/{person['id']}")
    card = resident.get_by_role("region", name="Mail")
    await expect(card.get_by_role("listitem")).to_contain_text("Your access ends today")
    await card.get_by_role("switch", name="Gets campaigns").uncheck()
    await expect(card.get_by_text(re.compile(r"Unsubscribed on .* \(admin\)"))).to_be_visible()
    assert not (await office.village.admin.read(f"/api/people/{person['id']}/mail"))["campaigns"]
    await card.get_by_role("link", name="1 message").click()
    await expect(resident.locator("[data-delivery='Ida Iles']")).to_have_count(1)
    await expect(resident.locator("[data-delivery]")).to_have_count(1)


async def test_a_viewer_reads_and_is_offered_nothing(village: Village, office: PostOffice, visitors: Visitors) -> None:
    campaign = await office.campaign("Spring", [await office.reader("Jo Jung")])
    await village.ask("POST", "/api/users", name="vera", role="viewer", password="another person's")
    page = await visitors.tab(village.url)
    await log_in(page, "vera", "another person's")
    await page.goto("/admin/mail/templates")
    await page.locator(WEEK_BEFORE).get_by_role("link", name="English").click()
    await expect(page.get_by_label("Subject")).to_be_disabled()
    await page.goto(f"/admin/mail/campaigns/{campaign['id']}")
    await expect(page.get_by_label("Subject")).to_be_disabled()
    main = page.get_by_role("main")
    for name in ("Save", "Send…", "Send a test…", "Remove"):
        await expect(main.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await expect(page.get_by_role("link", name="Set-up")).to_have_count(0)
