"""The people: found, renewed, given days, suspended; and why somebody sees what they see."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.support.villages import Village
from tests.e2e.support.visitors import Visitors, log_in


def day(offset: int) -> str:
    return (date.today() + timedelta(days=offset)).isoformat()


async def subscribed(village: Village, person: dict[str, Any], plan: dict[str, Any], last_day: int) -> None:
    path = f"/api/people/{person['id']}/subscription"
    await village.ask("PUT", path, plan_id=plan["id"], expires_on=day(last_day))


async def test_somebody_is_found_by_name_state_plan_and_server(resident: Page, village: Village) -> None:
    person, other, *_ = await village.viewers("jellyfin")
    plan = await village.add_plan("Street", "jellyfin")
    await subscribed(village, person, plan, 3)
    await resident.goto("/admin/people")
    await expect(resident.get_by_role("status").get_by_text(re.compile(r"^\d+ people$"))).to_be_visible()
    rows = resident.locator("tr[data-person]")
    await resident.get_by_label("State").select_option("reminder")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("in 3 days")
    await resident.get_by_label("Plan").select_option(label="Street")
    await resident.get_by_label("Server").select_option(label=person["accounts"][0]["server"])
    await resident.get_by_placeholder("Find somebody").fill(person["name"])
    await expect(rows).to_have_count(1)
    await expect(resident).to_have_url(re.compile(r"state=reminder.*plan=.*server=.*text="))
    await resident.reload()
    await expect(rows).to_have_count(1)
    await resident.get_by_placeholder("Find somebody").fill(f"{other['name']} and more")
    await expect(resident.get_by_text("Nobody matches.")).to_be_visible()
    await resident.get_by_role("button", name="Show all").click()
    await expect(rows).not_to_have_count(1)


async def test_a_renewal_moves_the_last_day_and_is_told_with_who_did_it(resident: Page, village: Village) -> None:
    person = (await village.viewers("jellyfin"))[1]
    await subscribed(village, person, await village.add_plan("Month", "jellyfin"), 5)
    await resident.goto(f"/admin/people/{person['id']}")
    card = resident.get_by_role("region", name="Subscription")
    await expect(card).to_contain_text("in 5 days")
    await card.get_by_role("button", name="Extend").click()
    await expect(resident.get_by_role("radio", name="By one period of Month: 30 days")).to_be_checked()
    await resident.get_by_role("dialog").get_by_role("button", name="Extend").click()
    await expect(card).to_contain_text("in 35 days")
    happened = resident.get_by_role("region", name="What happened").get_by_role("listitem")
    await expect(happened.filter(has_text="Renewed")).to_contain_text("admin")
    assert (await village.admin.read(f"/api/people/{person['id']}"))["subscription"]["expires_on"] == day(35)


async def test_many_are_given_days_and_each_is_told_what_became_of_it(resident: Page, village: Village) -> None:
    given, forever = (await village.viewers("jellyfin"))[2:4]
    await subscribed(village, given, await village.add_plan("Week", "jellyfin", 7), 2)
    await resident.goto("/admin/people")
    for person in (given, forever):
        await resident.get_by_placeholder("Find somebody").fill(person["name"])
        await resident.get_by_label(f"Choose {person['name']}").first.check()
    await expect(resident.get_by_text("2 people chosen")).to_be_visible()
    await resident.get_by_role("button", name="Gift days").click()
    dialog = resident.get_by_role("dialog")
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    await dialog.get_by_label("Days").fill("10")
    await dialog.get_by_label("Note (optional)").fill("The server was off")
    await dialog.get_by_role("button", name="Gift days").click()
    await expect(resident.get_by_role("dialog", name="1 person was given days")).to_be_visible()
    await expect(dialog.locator(f"[data-gift='{given['name']}']")).to_contain_text("in 12 days")
    await expect(dialog.locator(f"[data-gift='{forever['name']}'] .bad")).not_to_be_empty()
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(resident.get_by_text("2 people chosen")).to_have_count(0)
    assert (await village.admin.read(f"/api/people/{given['id']}"))["subscription"]["expires_on"] == day(12)


async def test_an_exception_is_made_and_ended_and_the_reason_is_in_words(resident: Page, village: Village) -> None:
    person = (await village.viewers("jellyfin"))[4]
    await resident.goto(f"/admin/people/{person['id']}")
    rows = resident.locator("tr[data-library]")
    row = rows.filter(has_text="yes").first
    await expect(row).to_contain_text("Not managed yet: left as found on the server")
    library = await row.get_attribute("data-library")
    row = resident.locator(f"tr[data-library='{library}']").first
    await row.get_by_role("button", name=f"Exception for {library}").click()
    await resident.get_by_role("menuitem", name="Make an exception…").click()
    await resident.get_by_role("radio", name="Deny").check()
    await resident.get_by_label("Note (optional)").fill("not for children")
    await resident.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text(re.compile("Denied as an exception, by admin on .*: not for children"))
    await expect(row).to_contain_text("will be taken")
    await row.get_by_role("button", name=f"Exception for {library}").click()
    await resident.get_by_role("menuitem", name="End the exception").click()
    await expect(row).to_contain_text("No plan and no exception gives it")


async def test_a_suspension_tells_why_until_it_ends(resident: Page, village: Village) -> None:
    person = (await village.viewers("plex"))[0]
    await resident.goto(f"/admin/people/{person['id']}")
    await resident.get_by_role("button", name="Suspend…").click()
    await resident.get_by_label("Reason (optional)").fill("shares the password")
    await resident.get_by_role("dialog").get_by_role("button", name="Suspend", exact=True).click()
    await expect(resident.locator("header [data-state=suspended]")).to_be_visible()
    await expect(resident.get_by_text("Why: shares the password")).to_be_visible()
    await expect(resident.locator("tr[data-library]").first).to_contain_text("Suspended")
    await resident.get_by_role("button", name="End the suspension").click()
    await expect(resident.locator("header [data-state=active]")).to_be_visible()


async def test_a_new_person_is_added_subscribed_and_to_be_invited(resident: Page, village: Village) -> None:
    await village.add_plan("Guests", "plex")
    await resident.goto("/admin/people")
    await resident.get_by_role("button", name="Add a person").click()
    dialog = resident.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Nora New")
    await dialog.get_by_label("Mail", exact=True).fill("nora@example.org")
    await dialog.get_by_role("button", name="Add a person").click()
    await expect(resident.get_by_role("heading", name="Nora New", level=1)).to_be_visible()
    await resident.get_by_role("button", name="Subscribe…").click()
    await dialog.get_by_label("Plan", exact=True).select_option(label="Guests")
    await dialog.get_by_role("button", name="Save").click()
    await expect(resident.get_by_role("region", name="Subscription")).to_contain_text("in 30 days")
    await resident.get_by_role("button", name="Invite to a Plex server…").click()
    await dialog.get_by_role("button", name="Invite").click()
    await expect(resident.locator("header [data-state=invited]")).to_be_visible()
    await expect(resident.get_by_text("To be invited at the next run")).to_be_visible()


async def test_a_viewer_sees_everything_and_is_offered_nothing(village: Village, visitors: Visitors) -> None:
    person = (await village.viewers("plex"))[1]
    await village.ask("POST", "/api/users", name="vera", role="viewer", password="another person's")
    page = await visitors.tab(village.url)
    await log_in(page, "vera", "another person's")
    await page.goto("/admin/people")
    await page.locator("tr[data-person]").first.wait_for()
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await page.goto(f"/admin/people/{person['id']}")
    await page.locator("tr[data-library]").first.wait_for()
    main = page.get_by_role("main")
    for name in ("Suspend…", "Subscribe…", "Edit", "More"):
        await expect(main.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await expect(main.get_by_role("button", name=re.compile("^Exception for"))).to_have_count(0)
    await page.goto("/admin/settings")
    await expect(page.get_by_role("radio").first).to_be_disabled()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
