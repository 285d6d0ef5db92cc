"""API tokens: what they open, what ends them, and that they are shown once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.runtime.clock import utc_now
from tests.support.eventstreams import events
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

NEVER_MADE = "sr_" + "x" * 43


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House) -> Person:
    person, _ = await home.gateway()
    return await person.log_in()


class Programs:
    """Programs that use the API, each with a token of its own."""

    def __init__(self, admin: Person) -> None:
        self._admin = admin
        self._open: list[Person] = []

    async def start(self, name: str, role: str, **more: Any) -> Person:
        """A program whose token is made for it, and bears its name."""
        status, made = await self._admin.post("/api/tokens", name=name, role=role, **more)
        assert status == 201, made
        return self.showing(made["token"])

    def showing(self, token: str, url: str = "") -> Person:
        """A program that shows this token."""
        program = Person(url or self._admin.url)
        program.http.headers["Authorization"] = f"Bearer {token}"
        self._open.append(program)
        return program

    async def close(self) -> None:
        for program in self._open:
            await program.http.close()


@pytest.fixture
async def programs(admin: Person) -> AsyncIterator[Programs]:
    made = Programs(admin)
    yield made
    await made.close()


def token_of(program: Person) -> str:
    return program.http.headers["Authorization"].removeprefix("Bearer ")


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


async def test_a_token_opens_what_its_role_may(programs: Programs) -> None:
    viewer, operator, admin = [await programs.start(role, role) for role in ("viewer", "operator", "admin")]
    assert await viewer.read("/api/session") == {"account": "token:viewer", "role": "viewer", "expires_at": None}
    for program in (viewer, operator, admin):
        assert (await program.get("/api/jobs"))[0] == 200
        async with program.http.get("/metrics") as response:
            assert response.status == 200
    assert code(await viewer.post("/api/jobs/any/pause")) == (403, "forbidden")
    assert code(await operator.post("/api/jobs/any/pause")) == (404, "job_unknown")
    for program in (viewer, operator):
        assert code(await program.post("/api/jobs/any/disable")) == (403, "forbidden")
        assert code(await program.get("/api/users")) == (403, "forbidden")
        assert code(await program.post("/api/users", name="x", role="viewer", password=PASSWORD)) == (403, "forbidden")
        assert code(await program.get("/api/tokens")) == (403, "forbidden")
        assert code(await program.post("/api/tokens", name="x", role="viewer")) == (403, "forbidden")
        assert code(await program.delete("/api/tokens/viewer")) == (403, "forbidden")
    assert (await admin.post("/api/users", name="x", role="viewer", password=PASSWORD))[0] == 201
    assert (await admin.delete("/api/tokens/viewer"))[0] == 204


async def test_a_token_is_shown_once_and_only_its_hash_is_kept(
    admin: Person, programs: Programs, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = await programs.start("backup", "operator", expires_at=(utc_now() + timedelta(days=1)).isoformat())
    token = token_of(program)
    assert len(token) == 46 and token.startswith("sr_")
    assert (await program.get("/nothing"))[0] == 404
    for query in ("?bad=1", "?text=a&text=b"):
        assert (await program.get(f"/api/jobs{query}"))[0] == 400
    (listed,) = (await admin.read("/api/tokens"))["tokens"]
    assert listed["name"] == "backup" and listed["role"] == "operator" and listed["account"] == "admin"
    assert "token" not in listed
    assert (await admin.delete("/api/tokens/backup"))[0] == 204
    refused = await program.get("/api/jobs")
    trail = await admin.read("/api/audit")
    kept = await everything_in(postgres)
    output = capsys.readouterr()
    assert "backup" in str(trail) and "token.add" in kept
    for text in (str(listed), str(refused), str(trail), kept, output.out, output.err):
        assert token not in text and token.removeprefix("sr_") not in text


async def everything_in(postgres: str) -> str:
    """All rows of the schema `jobs`, as text."""
    connection = await asyncpg.connect(postgres)
    try:
        rows = []
        for table in await connection.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'jobs'"):
            rows += await connection.fetch(f'SELECT each::text AS text FROM jobs."{table["name"]}" AS each')
    finally:
        await connection.close()
    return "\n".join(row["text"] for row in rows)


async def test_what_is_no_token_is_refused(admin: Person, programs: Programs) -> None:
    for token in (NEVER_MADE, "sr_short", "", "other", "sr_" + "ä" * 43):
        stranger = programs.showing(token)
        for method, path in (("GET", "/api/jobs"), ("POST", "/api/jobs/any/run"), ("GET", "/api/jobs/sse"),
                             ("GET", "/nothing")):  # fmt: skip
            status, problem = await stranger.call(method, path)
            assert (status, problem["code"]) == (401, "unauthenticated"), (token, path)
            assert "not known" in problem["detail"], (token, path)
    async with programs.showing(NEVER_MADE).http.get("/api/jobs") as response:
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="Showrunner", error="invalid_token"'
    # A bad token is not made good by a session, nor is any other scheme taken for a token.
    bad = {"Authorization": f"bearer {NEVER_MADE}"}
    assert code(await admin.call("GET", "/api/jobs", headers=bad)) == (401, "unauthenticated")
    assert (await admin.call("GET", "/api/jobs", headers={"Authorization": "Basic YTpi"}))[0] == 200
    assert (await admin.call("GET", "/healthz", headers=bad))[0] == 200


async def test_a_token_ends_when_it_was_to_end(admin: Person, programs: Programs) -> None:
    ends = utc_now() + timedelta(seconds=3)
    program = await programs.start("brief", "viewer", expires_at=ends.isoformat())
    assert (await program.get("/api/jobs"))[0] == 200

    async def refusal() -> Any:
        status, problem = await program.get("/api/jobs")
        return problem if status == 401 else None

    problem = await wait_until(refusal, what="the end of the token")
    assert utc_now() >= ends and problem["code"] == "unauthenticated" and "ended at" in problem["detail"]
    assert [token["name"] for token in (await admin.read("/api/tokens"))["tokens"]] == ["brief"]


async def test_a_removed_token_ends_at_once_with_its_streams(admin: Person, programs: Programs) -> None:
    program, other = await programs.start("gone", "viewer"), await programs.start("stays", "viewer")
    async with events(program, "/api/jobs/sse") as ending, events(other, "/api/jobs/sse") as lasting:
        for stream in (ending, lasting):
            first = await stream.next()
            assert first is not None and first.name == "snapshot"
        assert (await admin.delete("/api/tokens/gone"))[0] == 204
        assert code(await program.get("/api/jobs")) == (401, "unauthenticated")
        while await ending.next() is not None:
            pass
        async with other.http.get("/metrics") as response:
            assert "showrunner_event_streams 1.0" in await response.text()
    assert code(await admin.delete("/api/tokens/gone")) == (404, "token_unknown")
    again = await admin.post("/api/tokens", name="gone", role="viewer")
    assert again[0] == 201 and again[1]["token"] != token_of(program)


async def test_a_removed_token_soon_ends_at_other_gateways(admin: Person, programs: Programs, home: House) -> None:
    other, _ = await home.gateway()
    program = await programs.start("everywhere", "viewer")
    elsewhere = programs.showing(token_of(program), other.url)
    async with events(elsewhere, "/api/jobs/sse") as stream:
        assert (await stream.next()) is not None
        assert (await admin.delete("/api/tokens/everywhere"))[0] == 204

        async def refused() -> bool:
            return (await elsewhere.get("/api/jobs"))[0] == 401

        await wait_until(refused, timeout=8, what="the end of the token at the other gateway")
        while await stream.next(timeout=12) is not None:
            pass


async def test_a_token_may_no_more_than_its_account_and_goes_with_it(admin: Person, programs: Programs) -> None:
    assert (await admin.post("/api/users", name="ann", role="admin", password=PASSWORD))[0] == 201
    async with await Person(admin.url).log_in("ann") as ann:
        program = await Programs.start(Programs(ann), "anns", "admin")
    child = programs.showing((await program.post("/api/tokens", name="child", role="admin"))[1]["token"])
    await program.http.close()
    assert (await child.get("/api/users"))[0] == 200
    await admin.put("/api/users/ann", role="operator")
    assert (await child.read("/api/session"))["role"] == "operator"
    assert code(await child.get("/api/users")) == (403, "forbidden")
    assert (await admin.delete("/api/users/ann"))[0] == 204
    assert code(await child.get("/api/jobs")) == (401, "unauthenticated")
    assert (await admin.read("/api/tokens"))["tokens"] == []


async def test_the_audit_names_the_token(admin: Person, programs: Programs) -> None:
    program = await programs.start("robot", "admin")
    assert (await program.post("/api/tokens", name="second", role="viewer"))[0] == 201
    assert (await program.delete("/api/tokens/second"))[0] == 204
    trail = (await admin.read("/api/audit"))["audit"]
    assert [(row["who"], row["action"], row["target"]) for row in trail] == [
        ("token:robot", "token.remove", "second"),
        ("token:robot", "token.add", "second"),
        ("admin", "token.add", "robot"),
    ]
    assert trail[0]["before"] == {"role": "viewer", "account": "admin", "expires_at": None}
    assert trail[1]["after"] == {"role": "viewer", "expires_at": None}


async def test_a_token_needs_no_origin_but_logging_in_does(programs: Programs) -> None:
    program = await programs.start("abroad", "operator")
    for foreign in ({"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert code(await program.call("POST", "/api/jobs/any/pause", headers=foreign)) == (404, "job_unknown")
        answer = await program.call("POST", "/api/session", json={}, headers=foreign)
        assert code(answer) == (403, "cross_origin")


async def test_a_token_has_neither_session_nor_password(programs: Programs) -> None:
    program = await programs.start("robot", "admin")
    assert code(await program.delete("/api/session")) == (403, "forbidden")
    answer = await program.put("/api/session/password", current=PASSWORD, new="a new long one")
    assert code(answer) == (403, "forbidden")


NOT_MADE = (
    ({"name": "taken", "role": "viewer"}, (409, "token_exists")),
    ({"name": "a b", "role": "viewer"}, (400, "bad_body")),
    ({"name": "a", "role": "owner"}, (400, "bad_body")),
    ({"name": "a"}, (400, "bad_body")),
    ({"name": "a", "role": "viewer", "token": NEVER_MADE}, (400, "bad_body")),
    ({"name": "a", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, (400, "bad_body")),
    ({"name": "a", "role": "viewer", "expires_at": "2099-01-01T00:00:00"}, (400, "bad_body")),
)


async def test_tokens_that_are_not_made(admin: Person, programs: Programs) -> None:
    await programs.start("taken", "viewer")
    for given, refusal in NOT_MADE:
        assert code(await admin.post("/api/tokens", **given)) == refusal, given
        assert len((await admin.read("/api/tokens"))["tokens"]) == 1


COUNT_WRITES = """
    CREATE TABLE jobs.writes ();
    CREATE FUNCTION jobs.count_write() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO jobs.writes DEFAULT VALUES; RETURN NULL; END';
    CREATE TRIGGER counted AFTER UPDATE ON jobs.token FOR EACH ROW EXECUTE FUNCTION jobs.count_write();
"""


async def test_the_last_use_is_written_at_most_once_a_minute(home: House, postgres: str) -> None:
    admin, gateway = await home.gateway()
    await admin.log_in()
    connection = await asyncpg.connect(postgres)
    programs = Programs(admin)
    try:
        await connection.execute(COUNT_WRITES)
        program = await programs.start("busy", "viewer")
        assert (await admin.read("/api/tokens"))["tokens"][0]["last_used_at"] is None

        async def first_use() -> Any:
            return (await admin.read("/api/tokens"))["tokens"][0]["last_used_at"]

        await program.read("/api/jobs")
        first = await wait_until(first_use, what="the first use in the list")
        for _ in range(50):
            await program.read("/api/jobs")
        assert await first_use() == first
        await home.stop(gateway)
        # What was not written yet is written at the end.
        assert await connection.fetchval("SELECT count(*) FROM jobs.writes") == 2
        last = await connection.fetchval("SELECT last_used_at FROM jobs.token")
        assert last.isoformat() > first.replace("Z", "+00:00")
    finally:
        await programs.close()
        await connection.close()
