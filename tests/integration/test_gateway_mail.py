"""Templates, campaigns and deliveries over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from shared.directory.mailrecords import Claimant, Closing, Opening
from shared.directory.mailroom import Mailroom
from shared.runtime.secrets import Vault
from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats

SERVER = {
    "host": "mail.example.org", "port": 587, "security": "starttls", "login": "none", "sender": "house@example.org"
}  # fmt: skip
POLICY = {"server": SERVER, "public_url": "https://films.example.org", "brand_name": "Films & Co"}
TEMPLATE = {"event": "before_expiry", "days": 3, "language": "en", "subject": "Hi {{ firstname }}", "text": "Soon."}
RUN = Claimant(uuid4(), 1)
CAMPAIGN = {"name": "June", "subject": "News, {{ firstname }}", "text": "New films.", "html": "<p>New films.</p>"}


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def room(town: Neighbours, folder: Path) -> Mailroom:
    """Where the workers find what they are to send."""
    return Mailroom(town.pool, Vault.from_file(folder / "key"), ZoneInfo("UTC"))


async def made(town: Neighbours, path: str, **body: Any) -> dict[str, Any]:
    status, answer = await town.admin.post(path, **body)
    assert status == 201, answer
    return dict(answer)


async def person(town: Neighbours, name: str, **more: Any) -> str:
    return str(
        (await made(town, "/api/people", name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.org", **more))[
            "id"
        ]
    )


async def refused(town: Neighbours, method: str, path: str, **body: Any) -> str:
    """The code of a problem."""
    return str((await town.admin.call(method, path, json=body))[1]["code"])


async def previewed(town: Neighbours, **body: Any) -> dict[str, Any]:
    status, answer = await town.admin.post("/api/mail/templates/preview", **body)
    assert status == 200, answer
    return dict(answer)


async def claimed(room: Mailroom) -> list[Any]:
    return await room.claim(RUN, 100, datetime.now(UTC), kinds=("campaign", "test"))


async def send(room: Mailroom, *, refuse: str = "", one: bool = False) -> None:
    """Do a worker's work: all that waits is sent, or one of it; that to the address `refuse` is refused."""
    waiting = await claimed(room)
    for message in waiting[:1] if one else waiting:
        assert await room.start(RUN, Opening(id=message.id, subject="News", message_id="<1@example.org>"))
        closing = Closing(id=message.id, state="sent", answer="250 OK")
        if message.address == refuse:
            closing = Closing(id=message.id, state="refused", answer="550 No such user")
        assert await room.close(RUN, closing, datetime.now(UTC))


async def test_templates_are_there_from_the_beginning_and_can_be_changed(town: Neighbours) -> None:
    templates = (await town.admin.read("/api/mail/templates"))["templates"]
    reminders = {(t["language"], t["days"]) for t in templates if t["event"] == "before_expiry"}
    assert reminders == {(language, days) for language in ("en", "fr", "de", "es", "it") for days in (30, 7, 0)}
    added = await made(town, "/api/mail/templates", **TEMPLATE)
    path = f"/api/mail/templates/{added['id']}"
    assert (added["changed_by"], added["html"], added["enabled"]) == ("admin", "", True)
    status, changed = await town.admin.put(path, **TEMPLATE | {"text": "Very soon.", "enabled": False})
    assert (status, changed["text"], changed["enabled"]) == (200, "Very soon.", False)
    assert await town.admin.read(path) == changed
    assert (await town.admin.delete(path))[0] == 204
    assert (await town.admin.get(path))[1]["code"] == "template_unknown"
    trail = (await town.admin.read("/api/audit"))["audit"]
    assert [row["action"] for row in trail[:3]] == ["template.remove", "template.change", "template.add"]
    assert trail[1]["after"]["words_changed"] is True and "soon" not in str(trail).lower()


async def test_what_is_wrong_with_a_template_is_named(town: Neighbours) -> None:
    await made(town, "/api/mail/templates", **TEMPLATE)
    path = "/api/mail/templates"
    assert await refused(town, "POST", path, **TEMPLATE) == "template_taken"
    assert await refused(town, "POST", path, **TEMPLATE | {"plan_id": str(uuid4())}) == "plan_unknown"
    assert await refused(town, "PUT", f"{path}/{uuid4()}", **TEMPLATE) == "template_unknown"
    assert await refused(town, "DELETE", f"{path}/nonsense") == "template_unknown"
    status, problem = await town.admin.post(path, **TEMPLATE | {"days": 4, "text": "a\n{{ first_name }}"})
    assert (status, problem["code"]) == (422, "bad_template")
    assert problem["detail"].startswith("text, line 2: There is no variable first_name: did you mean firstname")
    for wrong in ({"subject": ""}, {"days": -1}, {"event": "welcome"}, {"language": "English"}, {"colour": "red"}):
        assert await refused(town, "POST", path, **TEMPLATE | wrong) == "bad_body", wrong


async def test_a_preview_shows_a_real_person_or_what_is_wrong(town: Neighbours) -> None:
    await town.admin.put("/api/mail/setup", policy=POLICY)
    mara = await person(town, "Mara <b>")
    words = {"subject": "Hi {{ firstname }}", "text": "{{ username }}", "html": "<p>{{ username }}</p>"}
    preview = await previewed(town, **words, event="welcome", person_id=mara)
    assert preview == {
        "name": "Mara <b>",
        "message": {"subject": "Hi Mara", "text": "Mara <b>", "html": "<p>Mara &lt;b&gt;</p>"},
        "faults": [],
    }
    preview = await previewed(town, **words, event="before_expiry", days=7)
    assert preview["message"]["subject"] == "Hi Kim"
    # A campaign has a way out; that of a preview leads nobody out.
    preview = await previewed(town, **words, person_id=mara, language="de")
    assert "Hier abmelden: https://films.example.org/unsubscribe/" in preview["message"]["text"]
    preview = await previewed(town, subject="", text="a\n{{ nothing }}")
    assert preview["message"] is None and {"part": "text", "line": 2}.items() <= preview["faults"][0].items()
    assert await refused(town, "POST", "/api/mail/templates/preview", person_id=str(uuid4())) == "person_unknown"
    assert "firstname" in {v["name"] for v in (await town.admin.read("/api/mail/variables"))["variables"]}


async def test_a_campaign_goes_from_a_draft_to_its_last_message(town: Neighbours, room: Mailroom) -> None:
    await person(town, "Mara"), await person(town, "Noor", language="de")
    silent = await person(town, "Ole")
    assert (await town.admin.put(f"/api/people/{silent}/mail", campaigns=False))[1]["campaigns"] is False
    june = await made(town, "/api/mail/campaigns", **CAMPAIGN)
    path = f"/api/mail/campaigns/{june['id']}"
    audience = await town.admin.read(f"{path}/audience")
    assert (audience["count"], audience["unsubscribed"]) == (2, 1)
    assert [recipient["name"] for recipient in audience["recipients"]] == ["Mara", "Noor"]
    status, german = await town.admin.post("/api/mail/audience", audience={"languages": ["de"]})
    assert (status, [recipient["name"] for recipient in german["recipients"]]) == (200, ["Noor"])
    assert await refused(town, "POST", f"{path}/launch") == "mail_not_set_up"
    await town.admin.put("/api/mail/setup", policy=POLICY)

    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    _, scheduled = await town.admin.post(f"{path}/launch", at=later)
    assert (scheduled["state"], scheduled["counts"]) == ("scheduled", {})
    assert (await town.admin.post(f"{path}/stop"))[1]["state"] == "draft"
    assert (await town.admin.put(path, **CAMPAIGN | {"name": "July"}))[1]["name"] == "July"
    _, begun = await town.admin.post(f"{path}/launch")
    assert (begun["state"], begun["counts"]) == ("sending", {"due": 2})
    assert await refused(town, "PUT", path, **CAMPAIGN) == "not_in_this_state"
    assert await refused(town, "DELETE", path) == "not_in_this_state"
    operator = await town.with_role("operator")
    assert (await operator.post(f"{path}/pause"))[1]["state"] == "paused"
    assert (await operator.post(f"{path}/launch"))[1]["code"] == "forbidden"
    assert await claimed(room) == []
    assert (await operator.post(f"{path}/resume"))[1]["state"] == "sending"
    await send(room, one=True)
    assert (await operator.post(f"{path}/stop"))[1]["counts"] == {"sent": 1, "dropped": 1}
    listed = (await town.admin.read("/api/mail/campaigns"))["campaigns"]
    assert [(row["name"], row["state"], row["counts"]) for row in listed] == [
        ("July", "stopped", {"sent": 1, "dropped": 1})
    ]
    assert "text" not in listed[0]
    assert (await town.admin.delete(path))[0] == 204
    trail = [row for row in (await town.admin.read("/api/audit"))["audit"] if row["action"].startswith("campaign.")]
    assert [row["action"].removeprefix("campaign.") for row in reversed(trail)] == [
        "add", "launch", "stop", "change", "launch", "pause", "resume", "stop", "remove"
    ]  # fmt: skip
    assert "New films" not in str(trail)


async def test_what_is_wrong_with_a_campaign_is_named(town: Neighbours) -> None:
    await town.admin.put("/api/mail/setup", policy=POLICY)
    path = "/api/mail/campaigns"
    assert await refused(town, "POST", path, **CAMPAIGN | {"text": "{{ nothing }}"}) == "bad_template"
    for wrong in ({"name": ""}, {"audience": {"state": "active"}}, {"language": "English"}):
        assert await refused(town, "POST", path, **CAMPAIGN | wrong) == "bad_body", wrong
    june = (await made(town, path, **CAMPAIGN))["id"]
    assert await refused(town, "POST", f"{path}/{june}/launch") == "nobody_to_mail"
    assert await refused(town, "POST", f"{path}/{june}/launch", at="2030-01-01T10:00:00") == "bad_body"
    assert await refused(town, "POST", f"{path}/{june}/pause") == "not_in_this_state"
    assert await refused(town, "POST", f"{path}/{uuid4()}/launch") == "campaign_unknown"
    assert (await town.admin.get(f"{path}/{uuid4()}/audience"))[1]["code"] == "campaign_unknown"


async def test_messages_are_tried_on_oneself(town: Neighbours, room: Mailroom) -> None:
    june = (await made(town, "/api/mail/campaigns", **CAMPAIGN))["id"]
    template = (await made(town, "/api/mail/templates", **TEMPLATE))["id"]
    mara = await person(town, "Mara")
    for path in (f"/api/mail/campaigns/{june}/test", f"/api/mail/templates/{template}/test"):
        trial = await made(town, path, address="me@example.org", person_id=mara)
        assert (trial["kind"], trial["state"], trial["address"]) == ("test", "due", "me@example.org")
        assert await refused(town, "POST", path, address="me") == "bad_body"
        assert await refused(town, "POST", path, address="me@example.org", person_id=str(uuid4())) == "person_unknown"
    assert {(one.address, one.kind) for one in await claimed(room)} == {("me@example.org", "test")}
    assert await refused(town, "POST", f"/api/mail/templates/{uuid4()}/test", address="me@x.org") == "template_unknown"


async def test_deliveries_are_found_and_sent_again(town: Neighbours, room: Mailroom) -> None:
    await town.admin.put("/api/mail/setup", policy=POLICY)
    mara = await person(town, "Mara")
    await person(town, "Noor"), await person(town, "Ole")
    june = (await made(town, "/api/mail/campaigns", **CAMPAIGN))["id"]
    await town.admin.post(f"/api/mail/campaigns/{june}/launch")
    await send(room, refuse="mara@example.org")
    path = "/api/mail/deliveries"
    first = await town.admin.read(f"{path}?limit=2")
    rest = await town.admin.read(f"{path}?limit=2&after={first['next']}")
    assert (first["total"], len(first["deliveries"]), len(rest["deliveries"]), rest["next"]) == (3, 2, 1, None)
    (found,) = (await town.admin.read(f"{path}?text=no such user"))["deliveries"]
    assert (found["name"], found["state"], found["answer"]) == ("Mara", "refused", "550 No such user")
    for query in (f"person={mara}", "state=refused", f"campaign={june}&state=refused", "kind=campaign&text=mara"):
        assert [row["id"] for row in (await town.admin.read(f"{path}?{query}"))["deliveries"]] == [found["id"]], query
    assert (await town.admin.get(f"{path}?state=lost"))[1]["code"] == "bad_parameter"
    one = f"{path}/{found['id']}"
    viewer = await town.with_role("viewer")
    assert await viewer.read(one) == found
    assert (await viewer.post(f"{one}/resend"))[1]["code"] == "forbidden"
    status, again = await town.admin.post(f"{one}/resend")
    assert (status, again["state"], again["asked_by"]) == (200, "due", "admin")
    assert await refused(town, "POST", f"{one}/resend") == "not_in_this_state"
    assert await refused(town, "POST", f"{path}/{uuid4()}/resend") == "delivery_unknown"
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["before"]["state"], row["after"]["state"]) == ("delivery.resend", "refused", "due")
