"""Setting up mail over the API: secrets that go in and never come out, the check step by step, and consent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from msgspec import to_builtins

from tests.simulators.oauth import OAuthSimulator
from tests.simulators.smtp import SmtpSimulator
from tests.support.gateway_people import Neighbours, neighbours
from tests.support.gateways import Person
from tests.support.servers import BreakableNats

HOUSE = "house@example.org"
SECRET = "hunter2-hunter2"
CALLBACK = "/api/mail/oauth/callback"


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def provider(town: Neighbours) -> AsyncIterator[OAuthSimulator]:
    async with OAuthSimulator() as provider:
        provider.redirect_uri = town.admin.url + CALLBACK
        yield provider


async def set_up(town: Neighbours, simulator: SmtpSimulator, **more: Any) -> dict[str, Any]:
    """Send by this server; `more` is of the body, but for `server`, which is of the server."""
    server = simulator.set_up(**more.pop("server", {}))
    policy = {"server": to_builtins(server), **more.pop("policy", {})}
    status, answer = await town.admin.put("/api/mail/setup", policy=policy, **more)
    assert status == 200, answer
    return dict(answer)


async def with_consent_asked(town: Neighbours, provider: OAuthSimulator, simulator: SmtpSimulator) -> None:
    """Set up a log-in by this provider's consent, which nobody has given yet."""
    custom = to_builtins(provider.application.provider)
    client = {"provider": custom, "client_id": provider.client_id}
    server = {"login": "oauth", "username": HOUSE}
    found = await set_up(
        town, simulator, server=server, policy={"oauth": client}, oauth_client_secret=provider.client_secret
    )
    assert "consent" in found["lacking"] and not found["consent_given"]


async def began(town: Neighbours) -> tuple[str, str]:
    """Begin to ask for consent: the provider's page, and the cookie with which the browser can finish."""
    async with town.admin.http.post("/api/mail/oauth/start", json={}) as response:
        assert response.status == 200, await response.text()
        cookie = response.cookies["showrunner_consent"]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/api/mail/oauth"
        return (await response.json())["url"], cookie.value


async def agreed(person: Person, url: str) -> dict[str, str]:
    """Go to the provider's page; what comes back in the address."""
    async with person.http.get(url, allow_redirects=False) as response:
        assert response.status == 302
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


async def came_back(town: Neighbours, cookie: str, query: dict[str, str]) -> tuple[int, str]:
    """Come back as browsers do from another site: with the lax cookie alone. Status, and page or way."""
    stranger = await town.home.person(town.home.listening[-1].port)
    headers = {"Cookie": f"showrunner_consent={cookie}", "Sec-Fetch-Site": "cross-site"}
    address = f"{CALLBACK}?{urlencode(query)}"
    async with stranger.http.get(address, headers=headers, allow_redirects=False) as response:
        assert response.cookies["showrunner_consent"]["max-age"] == "0"
        text = await response.text()
        assert "script" not in response.headers["Content-Security-Policy"] or response.status == 303
        return response.status, response.headers.get("Location") or text


async def test_secrets_go_in_and_never_come_out(town: Neighbours) -> None:
    assert (await town.admin.read("/api/mail/setup"))["lacking"].startswith("No mail server")
    async with SmtpSimulator(passwords={HOUSE: SECRET}) as simulator:
        server = {"login": "password", "username": HOUSE}
        found = await set_up(town, simulator, server=server)
        assert "password is missing" in found["lacking"]
        found = await set_up(town, simulator, server=server, smtp_password=SECRET, policy={"per_minute": 30})
        assert (found["password_set"], found["lacking"], found["policy"]["per_minute"]) == (True, "", 30)
        assert found == await town.admin.read("/api/mail/setup")
        # What is left out stays, what is empty goes.
        assert (await set_up(town, simulator, server=server))["password_set"] is True
        assert (await set_up(town, simulator, server=server, smtp_password=""))["password_set"] is False
    trail = await town.admin.read("/api/audit")
    assert SECRET not in str(trail) and SECRET not in str(found)
    assert [row["after"]["secrets_changed"] for row in trail["audit"][:4]] == [
        ["smtp_password"], [], ["smtp_password"], []
    ]  # fmt: skip


async def test_what_is_wrong_with_a_set_up_is_named(town: Neighbours) -> None:
    server = {"host": "mail.example.org", "port": 587, "security": "starttls", "login": "none", "sender": HOUSE}
    for wrong, word in (
        ({"server": server | {"sender": "house"}}, "mail address"),
        ({"server": server | {"port": 0}}, "port"),
        ({"server": server | {"login": "password"}}, "user name"),
        ({"public_url": "ftp://example.org"}, "public_url"),
        ({"default_language": "English"}, "default_language"),
        ({"colour": "red"}, "colour"),
    ):
        status, problem = await town.admin.put("/api/mail/setup", policy=wrong)
        assert (status, problem["code"]) == (400, "bad_body") and word in problem["detail"], problem


async def test_only_administrators_see_the_set_up(town: Neighbours) -> None:
    operator = await town.with_role("operator")
    for method, path in (
        ("GET", "/api/mail/setup"), ("PUT", "/api/mail/setup"), ("POST", "/api/mail/check"),
        ("POST", "/api/mail/oauth/start"), ("DELETE", "/api/mail/oauth"),
    ):  # fmt: skip
        assert (await operator.call(method, path))[1]["code"] == "forbidden", path


async def test_the_check_tells_at_which_step_it_fails(town: Neighbours) -> None:
    status, problem = await town.admin.post("/api/mail/check")
    assert (status, problem["code"]) == (409, "mail_not_set_up")
    async with SmtpSimulator(passwords={HOUSE: SECRET}) as simulator:
        await set_up(town, simulator, server={"login": "password", "username": HOUSE}, smtp_password="wrong")
        report = await check(town)
        assert outcomes(report) == ["passed", "passed", "not_needed", "failed", "not_tried", "not_tried"]
        failed = report["steps"][3]
        assert (report["well"], failed["step"], failed["code"]) == (False, "login", "mail_login")
        assert failed["answer"].startswith("535") and failed["message"]
        # Tried before it is kept.
        report = await check(town, smtp_password=SECRET, recipient="anna@example.net")
        assert (report["well"], report["method"]) == (True, "PLAIN") and report["latency_ms"] > 0
        assert outcomes(report) == ["passed", "passed", "not_needed", "passed", "passed", "passed"]
        simulator.faults.say("RCPT", "550 5.7.1 Relaying denied")
        report = await check(town, smtp_password=SECRET, recipient="anna@example.net")
        assert (report["steps"][5]["outcome"], report["may_pass"]) == ("failed", False)
        assert "Relaying denied" in report["steps"][5]["answer"]
        elsewhere = to_builtins(simulator.set_up()) | {"host": "nowhere.invalid"}
        report = await check(town, server=elsewhere)
        assert outcomes(report) == ["failed", *["not_tried"] * 5]
        assert simulator.messages == []
    row = (await town.admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["target"], row["after"]) == (
        "mail.check", "nowhere.invalid", {"well": False, "failed": "mail_name"}
    )  # fmt: skip


async def test_consent_is_asked_for_given_and_used(town: Neighbours, provider: OAuthSimulator) -> None:
    async with SmtpSimulator(opens_by_token=provider.accepts, login_required=True) as simulator:
        await with_consent_asked(town, provider, simulator)
        report = await check(town)
        assert (report["steps"][3]["outcome"], "give consent" in report["steps"][3]["message"]) == ("failed", True)
        url, cookie = await began(town)
        query = dict(parse_qsl(urlsplit(url).query))
        assert (query["login_hint"], query["code_challenge_method"]) == (HOUSE, "S256")
        # The verifier and our state are sealed in the cookie, not readable by who sees it.
        assert query["state"] not in cookie
        answer = await agreed(town.admin, url)
        assert await came_back(town, cookie, answer | {"scope": "more", "authuser": "0"}) == (
            303, "/admin/mail/setup?consent=given"
        )  # fmt: skip
        found = await town.admin.read("/api/mail/setup")
        assert (found["consent_given"], found["lacking"]) == (True, "")
        report = await check(town)
        assert (report["well"], report["method"]) == (True, "XOAUTH2")
        # The same answer once more opens nothing.
        status, page = await came_back(town, cookie, answer)
        assert status == 400 and "consent again" in page
        provider.revoke(HOUSE)
        assert (await check(town))["steps"][3]["code"] == "mail_consent_gone"
    trail = await town.admin.read("/api/audit")
    given = next(row for row in trail["audit"] if row["action"] == "mail.consent_given")
    assert (given["who"], given["target"], given["after"]) == ("admin", "Example Mail", {"account": HOUSE})
    assert answer["code"] not in str(trail) and provider.client_secret not in str(trail)


async def test_consent_that_is_not_given_is_explained(town: Neighbours, provider: OAuthSimulator) -> None:
    async with SmtpSimulator() as simulator:
        await with_consent_asked(town, provider, simulator)
        provider.denies = True
        url, cookie = await began(town)
        status, page = await came_back(town, cookie, await agreed(town.admin, url))
        assert status == 400 and "was not given consent" in page and 'href="/admin/mail/setup"' in page
        provider.denies = False
        url, cookie = await began(town)
        answer = await agreed(town.admin, url)
        _, other_cookie = await began(town)
        # A code for another attempt, which somebody else may have slipped in.
        assert "another attempt" in (await came_back(town, other_cookie, answer))[1]
        assert "another browser" in (await came_back(town, "", answer))[1]
        assert "another browser" in (await came_back(town, cookie[:-8] + "AAAAAAAA", answer))[1]
        assert "&lt;b&gt;" in (await came_back(town, cookie, answer | {"error": "<b>"}))[1]
        provider.client_secret = "another"
        assert "client id and secret" in (await came_back(town, cookie, answer))[1]
        assert not (await town.admin.read("/api/mail/setup"))["consent_given"]


async def test_consent_counts_only_while_its_beginner_is_an_administrator(
    town: Neighbours, provider: OAuthSimulator
) -> None:
    async with SmtpSimulator() as simulator:
        await with_consent_asked(town, provider, simulator)
        url, cookie = await began(town)
        answer = await agreed(town.admin, url)
        assert (await town.admin.delete("/api/session"))[0] == 204
        status, page = await came_back(town, cookie, answer)
        assert status == 400 and "no longer logged in" in page
        await town.admin.log_in()
        assert not (await town.admin.read("/api/mail/setup"))["consent_given"]


async def test_another_account_needs_another_consent(town: Neighbours, provider: OAuthSimulator) -> None:
    async with SmtpSimulator() as simulator:
        await with_consent_asked(town, provider, simulator)
        url, cookie = await began(town)
        policy = (await town.admin.read("/api/mail/setup"))["policy"]
        changed = policy | {"server": policy["server"] | {"username": "other@example.org"}}
        await town.admin.put("/api/mail/setup", policy=changed)
        answer = await agreed(town.admin, url)
        assert "changed meanwhile" in (await came_back(town, cookie, answer))[1]
        await town.admin.put("/api/mail/setup", policy=policy)
        assert (await came_back(town, cookie, answer))[0] == 303
        assert (await town.admin.put("/api/mail/setup", policy=policy))[1]["consent_given"] is True
        assert (await town.admin.put("/api/mail/setup", policy=changed))[1]["consent_given"] is False
        await town.admin.put("/api/mail/setup", policy=policy)
        url, cookie = await began(town)
        assert (await came_back(town, cookie, await agreed(town.admin, url)))[0] == 303
        assert (await town.admin.delete("/api/mail/oauth"))[1]["consent_given"] is False


async def test_programs_are_not_asked_for_consent(town: Neighbours) -> None:
    _, token = await town.admin.post("/api/tokens", name="robot", role="admin")
    headers = {"Authorization": f"Bearer {token['token']}"}
    status, problem = await town.admin.call("POST", "/api/mail/oauth/start", json={}, headers=headers)
    assert (status, problem["code"]) == (403, "forbidden")
    status, problem = await town.admin.post("/api/mail/oauth/start")
    assert (status, problem["code"]) == (409, "mail_not_set_up")


async def check(town: Neighbours, **body: Any) -> dict[str, Any]:
    status, report = await town.admin.post("/api/mail/check", **body)
    assert status == 200, report
    return dict(report)


def outcomes(report: dict[str, Any]) -> list[str]:
    """What became of name, connection, tls, login, sender and recipient."""
    assert [step["step"] for step in report["steps"]] == ["name", "connection", "tls", "login", "sender", "recipient"]
    return [step["outcome"] for step in report["steps"]]
