"""Logging in, roles, and what keeps strangers and other sites out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.gateway.auth.throttle import FREE_TRIES
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    person, _ = await home.gateway()
    return await person.log_in()


async def with_role(admin: Person, role: str) -> Person:
    status, user = await admin.post("/api/users", name=role, role=role, password=PASSWORD)
    assert status == 201 and user["role"] == role
    return await Person(admin.url).log_in(role)


async def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


async def test_the_cookie_is_for_this_site_and_out_of_reach_of_scripts(admin: Person) -> None:
    async with Person(admin.url) as person:
        credentials = {"account": "admin", "password": PASSWORD}
        async with person.http.post("/api/session", json=credentials) as response:
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert "Max-Age=2592000" in cookie and "Secure" not in cookie
        behind_proxy = {"X-Forwarded-Proto": "https"}
        async with person.http.post("/api/session", json=credentials, headers=behind_proxy) as response:
            assert "Secure" in response.headers["Set-Cookie"]


async def test_logging_out_ends_the_session_at_once(admin: Person, postgres: str) -> None:
    assert (await admin.read("/api/session"))["account"] == "admin"
    (cookie,) = admin.http.cookie_jar
    assert (await admin.delete("/api/session"))[0] == 204
    async with Person(admin.url) as thief:
        headers = {"Cookie": f"{cookie.key}={cookie.value}"}
        assert (await thief.call("GET", "/api/session", headers=headers))[0] == 401
    assert (await admin.get("/api/session"))[0] == 401


async def test_postgres_holds_neither_token_nor_password(admin: Person, postgres: str) -> None:
    (cookie,) = admin.http.cookie_jar
    connection = await asyncpg.connect(postgres)
    try:
        rows = await connection.fetch("SELECT token::text FROM jobs.session")
        kept = await connection.fetchval("SELECT password FROM jobs.account")
    finally:
        await connection.close()
    assert len(rows) == 1 and cookie.value not in str(rows)
    assert kept.startswith("$argon2id$") and PASSWORD not in kept


async def test_roles_bound_what_one_may(admin: Person) -> None:
    async with await with_role(admin, "viewer") as viewer, await with_role(admin, "operator") as operator:
        assert (await viewer.get("/api/jobs"))[0] == 200
        assert await code(await viewer.post("/api/jobs/any/pause")) == (403, "forbidden")
        assert await code(await operator.post("/api/jobs/any/pause")) == (404, "job_unknown")
        for person in (viewer, operator):
            assert await code(await person.get("/api/audit")) == (403, "forbidden")
            assert await code(await person.get("/api/users")) == (403, "forbidden")
            assert await code(await person.post("/api/servers")) == (403, "forbidden")


OPERATORS = (
    ("POST", "/api/jobs/any/run"), ("POST", "/api/jobs/any/pause"), ("POST", "/api/jobs/any/resume"),
    ("POST", "/api/jobs/any/skip"), ("POST", "/api/runs/any/cancel"), ("POST", "/api/runs/any/retry"),
    ("POST", "/api/servers/any/check"),
)  # fmt: skip
ADMINS = (
    ("POST", "/api/jobs/any/enable"), ("POST", "/api/jobs/any/disable"), ("PUT", "/api/jobs/any/schedule"),
    ("DELETE", "/api/jobs/any/schedule"), ("POST", "/api/servers"), ("PUT", "/api/servers/any"),
    ("DELETE", "/api/servers/any"), ("GET", "/api/users"), ("POST", "/api/users"), ("PUT", "/api/users/admin"),
    ("DELETE", "/api/users/admin"), ("GET", "/api/tokens"), ("POST", "/api/tokens"), ("DELETE", "/api/tokens/any"),
    ("GET", "/api/audit"),
)  # fmt: skip


async def test_operators_run_and_pause_and_administrators_do_the_rest(admin: Person) -> None:
    async with await with_role(admin, "viewer") as viewer, await with_role(admin, "operator") as operator:
        for method, path in (*OPERATORS, *ADMINS):
            assert await code(await viewer.call(method, path)) == (403, "forbidden"), path
        for method, path in OPERATORS:
            assert (await operator.call(method, path, json={}))[0] == 404, path
        for method, path in ADMINS:
            status, problem = await operator.call(method, path)
            assert (status, problem["detail"]) == (403, "This takes the role admin; yours is operator."), path
    for method, path in ADMINS:
        assert (await admin.call(method, path))[0] != 403, path


async def test_bulk_checks_the_role_of_its_action_before_it_does_anything(admin: Person) -> None:
    async with await with_role(admin, "viewer") as viewer, await with_role(admin, "operator") as operator:
        for action in ("run", "pause", "resume", "enable", "disable"):
            assert await code(await viewer.post("/api/jobs/bulk", action=action, names=["any"])) == (403, "forbidden")
        for action in ("enable", "disable"):
            assert await code(await operator.post("/api/jobs/bulk", action=action, names=["any"])) == (403, "forbidden")
        for person, actions in ((operator, ("run", "pause", "resume")), (admin, ("enable", "disable"))):
            for action in actions:
                status, answer = await person.post("/api/jobs/bulk", action=action, names=["any"])
                assert status == 200 and answer["results"][0]["code"] == "job_unknown"


async def test_users_are_changed_and_removed_with_their_sessions(admin: Person) -> None:
    async with await with_role(admin, "viewer") as viewer:
        assert await code(await admin.post("/api/users", name="viewer", role="admin", password=PASSWORD)) == (
            409,
            "user_exists",
        )
        weak = await admin.post("/api/users", name="new", role="viewer", password="short")
        assert await code(weak) == (422, "weak_password")
        assert (await admin.put("/api/users/viewer", role="operator"))[1]["role"] == "operator"
        assert (await viewer.read("/api/session"))["role"] == "operator"
        await admin.put("/api/users/viewer", password="another long one")
        assert (await viewer.get("/api/session"))[0] == 401
        await viewer.log_in("viewer", "another long one")
        assert (await admin.delete("/api/users/viewer"))[0] == 204
        assert (await viewer.get("/api/session"))[0] == 401
    assert await code(await admin.put("/api/users/admin", role="viewer")) == (409, "last_admin")
    assert await code(await admin.delete("/api/users/admin")) == (409, "last_admin")
    assert await code(await admin.delete("/api/users/viewer")) == (404, "user_unknown")
    trail = str(await admin.read("/api/audit"))
    assert "user.remove" in trail and PASSWORD not in trail and "another long one" not in trail


async def test_a_new_password_ends_the_other_sessions(admin: Person) -> None:
    async with Person(admin.url) as elsewhere:
        await elsewhere.log_in()
        wrong = await admin.put("/api/session/password", current="wrong", new="a new long one")
        assert await code(wrong) == (401, "wrong_password")
        assert (await admin.put("/api/session/password", current=PASSWORD, new="a new long one"))[0] == 204
        assert (await admin.get("/api/session"))[0] == 200
        assert (await elsewhere.get("/api/session"))[0] == 401
        await elsewhere.log_in("admin", "a new long one")


async def test_guessing_passwords_is_slowed_down(admin: Person) -> None:
    async with Person(admin.url) as guesser:
        tries = [guesser.post("/api/session", account="admin", password=f"guess {n}") for n in range(FREE_TRIES + 3)]
        statuses = [status for status, _ in await asyncio.gather(*tries)]
        assert statuses.count(401) == FREE_TRIES and statuses.count(429) == 3

        async def held_up() -> int:
            wrong = {"account": "admin", "password": "one more guess"}
            async with guesser.http.post("/api/session", json=wrong) as response:
                return int(response.headers.get("Retry-After", "0"))

        assert await wait_until(held_up, what="a wait that is longer than a try takes") >= 1
        assert await code(await guesser.post("/api/session", account="admin", password=PASSWORD)) == (
            429,
            "too_many_tries",
        )


async def test_other_sites_can_change_nothing(admin: Person) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = await admin.call("POST", "/api/jobs/any/pause", headers=headers)
        assert await code(answer) == (403, "cross_origin"), headers
    answer = await admin.call("POST", "/api/jobs/any/pause", headers={"Origin": admin.url})
    assert await code(answer) == (404, "job_unknown")
    answer = await admin.call("POST", "/api/session", json={}, headers={"Origin": "http://evil.example"})
    assert await code(answer) == (403, "cross_origin")


async def test_every_answer_has_its_security_headers(admin: Person) -> None:
    for path in ("/healthz", "/readyz", "/api/jobs", "/api/jobs/none", "/nothing", "/metrics", "/api/jobs/sse"):
        async with admin.http.get(path) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"], path
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"


async def test_a_password_is_made_up_only_when_none_is_wished(home: House) -> None:
    first, _ = await home.gateway(password="")
    made = home.listening[-1].password
    assert len(made) == 24 and made not in repr(home.listening[-1])
    await first.log_in("admin", made)
    await home.gateway(password="")
    assert home.listening[-1].password == ""


async def test_a_cookie_that_is_no_text_is_a_strangers(admin: Person) -> None:
    host, port = admin.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /api/jobs HTTP/1.1\r\nHost: here\r\nCookie: showrunner_session=\xff\xfe\r\nConnection: close\r\n\r\n"
    )
    assert b" 401 " in (await reader.read()).splitlines()[0]
    writer.close()
