"""Other programs call, and a job runs: by signature or by token, once, in good pace, and on the record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import asyncpg
import msgspec
import pytest

from services.gateway.hooks.signing import signed_headers
from shared.runtime.clock import utc_now
from tests.support.gateway_jobs import JOBS, at_work, ended
from tests.support.gateways import House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

ELSEWHERE = {"Origin": "https://example.net", "Sec-Fetch-Site": "cross-site"}


class Said(NamedTuple):
    status: int
    told: Any
    headers: Any


class Sender(NamedTuple):
    """A program that knows the address and the secret of a hook."""

    person: Person
    path: str
    secret: str

    async def send(self, body: bytes, headers: dict[str, str] | None = None, path: str = "") -> Said:
        url = f"{self.person.url}{path or self.path}"
        async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as response:
            return Said(response.status, await response.json(content_type=None), response.headers)

    async def sign(self, body: bytes, late: timedelta = timedelta()) -> Said:
        return await self.send(body, signed_headers(self.secret.encode(), utc_now() - late, body))


async def hook(admin: Person, name: str, **details: Any) -> Sender:
    status, made = await admin.post("/api/hooks/in", name=name, **details)
    assert status == 201, made
    return Sender(admin, made["path"], made["secret"])


async def hook_in(admin: Person, name: str) -> Any:
    (found,) = [one for one in (await admin.read("/api/hooks"))["incoming"] if one["name"] == name]
    return found


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    return await at_work(home, *JOBS)


async def test_a_signed_call_runs_the_job_and_is_on_the_record(admin: Person) -> None:
    sender = await hook(admin, "deploy", job="greet", params={"who": "Mara"})
    said = await sender.sign(b'{"event": "deployed"}')
    assert (said.status, said.told["result"], said.told["event"]) == (202, "started", "deployed")
    run = await ended(admin, said.told["run_id"])
    assert (run["outcome"], run["asked_by"], run["params"]) == ("succeeded", "hook:deploy", {"who": "Mara"})
    deed = (await admin.read("/api/audit"))["audit"][0]
    assert (deed["who"], deed["action"], deed["target"]) == ("hook:deploy", "job.run", "greet")
    assert deed["after"]["run"] == said.told["run_id"]
    found = await hook_in(admin, "deploy")
    assert (found["last_event"], found["last_result"]) == ("deployed", "started") and found["called_at"]


async def test_whoever_cannot_prove_it_is_told_nothing(admin: Person) -> None:
    sender = await hook(admin, "deploy", job="greet")
    other = await hook(admin, "other", job="greet")
    token = await hook(admin, "plex", job="greet", proof="token")
    forged = signed_headers(other.secret.encode(), utc_now(), b"{}")
    refused = [
        await sender.send(b"{}"),
        await sender.send(b"{}", forged),
        await sender.sign(b"{}", late=timedelta(minutes=6)),
        await sender.send(b"{}", path=f"/hooks/deploy/{sender.secret}"),
        await token.send(b"{}", signed_headers(token.secret.encode(), utc_now(), b"{}"), path="/hooks/plex"),
        await token.send(b"{}", path=f"/hooks/plex/{other.secret}"),
        await token.send(b"{}", path="/hooks/nobody"),
        await token.send(b"{}", path="/hooks/nobody/x"),
    ]
    assert {(said.status, said.told["code"]) for said in refused} == {(401, "hook_unproven")}
    # What there is can't be told from what there is not.
    assert refused[-1].told["detail"] == refused[-2].told["detail"] == refused[5].told["detail"]
    assert (await admin.read("/api/runs"))["runs"] == []


async def test_a_call_is_taken_once_on_every_gateway(home: House, admin: Person) -> None:
    second, _ = await home.gateway()
    sender = await hook(admin, "deploy", job="greet")
    headers = signed_headers(sender.secret.encode(), utc_now(), b"{}")
    calls = [Sender(person, sender.path, sender.secret).send(b"{}", headers) for person in (admin, second) * 3]
    said = await asyncio.gather(*calls)
    assert sorted(one.status for one in said) == [202] + [409] * 5
    assert {one.told["code"] for one in said if one.status == 409} == {"hook_replayed"}
    (started,) = [one for one in said if one.status == 202]
    await ended(admin, started.told["run_id"])
    assert (await sender.send(b"{}", headers)).told["code"] == "hook_replayed"
    assert len((await admin.read("/api/runs"))["runs"]) == 1


async def test_plex_and_jellyfin_call_by_token_and_other_events_are_passed_over(admin: Person) -> None:
    sender = await hook(admin, "media", job="greet", proof="token", events=["library.new", "ItemAdded"])

    async def plex(event: str) -> Said:
        form = aiohttp.FormData()
        form.add_field("payload", msgspec.json.encode({"event": event}).decode(), content_type="application/json")
        form.add_field("thumb", b"\xff\xd8\xff\r\n\x00", filename="thumb.jpg", content_type="image/jpeg")
        async with aiohttp.ClientSession(admin.url) as http, http.post(sender.path, data=form) as response:
            return Said(response.status, await response.json(), response.headers)

    played = await plex("media.play")
    assert (played.status, played.told) == (200, {"result": "ignored", "run_id": None, "event": "media.play"})
    added = await plex("library.new")
    assert (added.status, added.told["result"]) == (202, "started")
    await ended(admin, added.told["run_id"])
    said = await sender.send(b'{"NotificationType": "ItemAdded"}', {"Content-Type": "text/plain", **ELSEWHERE})
    assert (said.status, said.told["event"]) == (202, "ItemAdded")
    assert (await sender.send(b"no json")).told["result"] == "ignored"


async def test_a_job_that_is_running_already_is_not_run_twice(admin: Person) -> None:
    sender = await hook(admin, "slow", job="linger")
    first = await sender.sign(b"1")

    async def under_way() -> bool:
        return (await admin.read("/api/jobs/linger"))["running"] is not None

    await wait_until(under_way, what="the run to be seen")
    again = await sender.sign(b"2")
    assert (again.status, again.told["result"], again.told["run_id"]) == (202, "coalesced", first.told["run_id"])
    deed = (await admin.read("/api/audit"))["audit"][0]
    assert (deed["who"], deed["action"], deed["target"]) == ("hook:slow", "hook.coalesced", "slow")


async def test_too_many_calls_are_told_when_to_come_again(admin: Person) -> None:
    sender = await hook(admin, "busy", job="linger", proof="token", events=["go"], per_minute=2)
    # What runs nothing does not count.
    assert [(await sender.send(b'{"event": "other"}')).status for _ in range(5)] == [200] * 5
    said = [await sender.send(b'{"event": "go"}') for _ in range(3)]
    assert [one.status for one in said] == [202, 202, 429]
    assert said[-1].told["code"] == "too_many_calls" and 0 < int(said[-1].headers["Retry-After"]) <= 30
    status, _ = await admin.put("/api/hooks/in/busy", job="linger", events=["go"], per_minute=60)
    assert status == 200 and (await sender.send(b'{"event": "go"}')).status == 202


async def test_what_cannot_run_says_so_and_the_same_call_may_come_again(admin: Person) -> None:
    sender = await hook(admin, "deploy", job="greet")
    headers = signed_headers(sender.secret.encode(), utc_now(), b"{}")
    await admin.post("/api/jobs/greet/disable")
    assert ((said := await sender.send(b"{}", headers)).status, said.told["code"]) == (409, "job_disabled")
    await admin.post("/api/jobs/greet/enable")
    await admin.put("/api/hooks/in/deploy", job="greet", enabled=False)
    assert ((said := await sender.send(b"{}", headers)).status, said.told["code"]) == (409, "hook_disabled")
    await admin.put("/api/hooks/in/deploy", job="greet")
    assert (await sender.send(b"{}", headers)).status == 202


async def test_a_body_without_end_is_refused(admin: Person) -> None:
    sender = await hook(admin, "deploy", job="greet")
    said = await sender.sign(b"x" * (1024 * 1024 + 1))
    assert (said.status, said.told["code"]) == (413, "body_too_large")


async def test_a_secret_is_shown_once_and_can_be_renewed(admin: Person, postgres: str) -> None:
    signing, token = await hook(admin, "deploy", job="greet"), await hook(admin, "plex", job="greet", proof="token")
    for sender, name in ((signing, "deploy"), (token, "plex")):
        status, made = await admin.post(f"/api/hooks/in/{name}/secret")
        assert status == 200 and made["secret"] != sender.secret
    assert (await signing.sign(b"{}")).status == (await token.send(b"{}")).status == 401
    _, made = await admin.post("/api/hooks/in/deploy/secret")
    assert (await Sender(admin, made["path"], made["secret"]).sign(b"{}")).status == 202
    shown = msgspec.json.encode([await admin.read("/api/hooks"), await admin.read("/api/audit")]).decode()
    connection = await asyncpg.connect(postgres)
    try:
        kept = await connection.fetchval("SELECT string_agg(encode(secret, 'escape'), '') FROM jobs.hook_in")
    finally:
        await connection.close()
    assert "srh_" not in shown + kept


async def test_hooks_are_an_administrators_and_are_checked(admin: Person, home: House) -> None:
    status, problem = await admin.post("/api/hooks/in", name="a", job="nowhere")
    assert (status, problem["code"]) == (404, "job_unknown")
    status, problem = await admin.post("/api/hooks/in", name="a", job="greet", params={"whom": "x"})
    assert (status, problem["code"]) == (422, "bad_params")
    status, problem = await admin.post("/api/hooks/in", name="A b", job="greet")
    assert (status, problem["code"]) == (400, "bad_body")
    await hook(admin, "a", job="greet")
    status, problem = await admin.post("/api/hooks/in", name="a", job="greet")
    assert (status, problem["code"]) == (409, "name_taken")
    await admin.post("/api/users", name="olga", role="operator", password="correct horse battery")
    olga = await (await home.person(home.listening[-1].port)).log_in("olga")
    assert (await olga.get("/api/hooks"))[0] == (await olga.post("/api/hooks/in", name="b", job="greet"))[0] == 403
    assert (await admin.delete("/api/hooks/in/a"))[0] == 204
    assert (await admin.delete("/api/hooks/in/a"))[1]["code"] == "hook_unknown"
