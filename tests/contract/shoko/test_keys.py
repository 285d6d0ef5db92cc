"""Whom the Shoko simulator lets in, and what it tells of its users and of itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.shoko.clients import VERSIONS, Client
from tests.simulators.shoko import ShokoServer
from tests.simulators.shoko_format import full_version

pytestmark = pytest.mark.contract


async def test_what_needs_no_key(server: ShokoServer, nobody: Client) -> None:
    status, found = await nobody.ask("/api/v3/Init/Version")
    assert (status, found["Server"]["Version"]) == (200, full_version(server.state.version))
    assert found["Server"]["ReleaseChannel"] == "Stable"
    assert ("Commons" in found) == (server.state.version == "4.2")
    status, found = await nobody.ask("/api/v3/init/status")
    assert (status, found["State"]) == (200, 2)
    assert found["Uptime"] == (None if server.state.version == "6.0" else "00:00:00")


def test_versions_in_full() -> None:
    assert [full_version(version) for version in (*VERSIONS, "6.0.1-dev.7")] == [
        "4.2.0.0",
        "5.3.0.0",
        "6.0.0",
        "6.0.1-dev.7",
    ]


async def test_a_key_is_had_by_name_and_password(server: ShokoServer, nobody: Client, http: Any) -> None:
    login = {"user": " Ann", "pass": "pw-ann", "device": "living room"}
    status, found = await nobody.ask("/api/auth", method="POST", json=login)
    assert (status, list(found)) == (200, ["apikey"])
    assert await nobody.ask("/api/auth", method="POST", json=login) == (200, found)
    other = await nobody.ask("/api/auth", method="POST", json=login | {"device": "kitchen"})
    assert other != (200, found)
    status, user = await Client(http, server, found["apikey"]).ask("/api/v3/User/Current")
    assert (status, user["Username"], user["IsAdmin"]) == (200, "ann", False)


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        ({"pass": "pw-bob"}, 401, "Unauthorized"),
        ({"user": "carla"}, 401, "Unauthorized"),
        ({"device": ""}, 400, "device"),
        ({"pass": None}, 400, "pass"),
        ({"user": 7}, 400, "user"),
    ],
)
async def test_a_login_that_is_refused(nobody: Client, change: dict[str, object], expected: int, named: str) -> None:
    login: dict[str, object] = {"user": "ann", "pass": "pw-ann", "device": "x"}
    status, problem = await nobody.ask("/api/auth", method="POST", json=login | change)
    assert (status, problem["status"]) == (expected, expected)
    assert named in (problem["title"], *problem.get("errors", ()))


async def test_only_a_key_that_is_valid_opens(server: ShokoServer, ann: Client, nobody: Client, http: Any) -> None:
    key = server.state.key_of("ann")
    assert (await ann.ask("/api/v3/User/Current"))[0] == 200
    assert (await nobody.ask(f"/api/v3/User/Current?apikey={key}"))[0] == 200
    assert await nobody.ask("/api/v3/User/Current") == (401, "")
    assert (await Client(http, server, "f" * 32).ask("/api/v3/File/1"))[0] == 401
    server.state.revoke(key)
    assert (await ann.ask("/api/v3/File/1/UserStats"))[0] == 401
    assert (await ann.put(1, {}))[0] == 401
    assert server.state.key_of("ann") != key


async def test_users_are_for_administrators(admin: Client, ann: Client) -> None:
    status, users = await admin.ask("/api/v3/User")
    assert (status, [user["Username"] for user in users]) == (200, ["admin", "ann", "bob"])
    assert [user["IsAdmin"] for user in users] == [True, False, False]
    assert await ann.ask("/api/v3/User") == (403, "")
