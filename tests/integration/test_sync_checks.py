"""Looking at servers: up, down and up again; by other addresses; and what is wrong with one that is to be added."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.directory.records import ServerEdit
from shared.outside.check import check_server
from shared.outside.errors import Malformed, OutsideError, Unauthorized, Unreachable
from shared.outside.http import new_session
from shared.runtime.secrets import Secret
from tests.simulators.household import make_household
from tests.support.town import Town, town

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Town]:
    async with town(postgres, folder, household=make_household(people=12, plex_servers=1, libraries=4)) as settled:
        yield settled


async def test_servers_that_are_well_are_up(here: Town) -> None:
    result, run = await here.run("check_servers")
    assert result.summary == "2 servers: 2 up"
    assert set(run.states.values()) == {"done"}
    for server in await here.directory.servers():
        assert (server.state, server.last_error) == ("up", "")
        assert server.real_name == server.name
        assert server.identifier and server.version and server.latency_ms and server.last_seen_at
    result, run = await here.run("check_servers")
    assert not run.changes, "nothing that a person would want to know"


async def test_a_server_goes_down_is_left_alone_and_comes_back(here: Town) -> None:
    plex = here.outside.plex[0]
    name = plex.machine.server.name
    for job in ("check_servers", "sync_plex"):
        await here.run(job)
    since = (await here.server(name)).state_since
    await plex.go_down()
    failure, _ = await here.fail("sync_plex")
    assert failure.retry and "nothing listens at its address" in failure.message

    result, run = await here.run("check_servers")
    assert result.outcome == "succeeded"
    assert f"{name} is down ({name} can't be reached: nothing listens" in result.summary
    assert [change.after["state"] for change in run.changes] == ["down"]
    down = await here.server(name)
    assert down.state == "down" and down.state_since > since and "nothing listens" in down.last_error
    asked = plex.requests.count()
    result, _ = await here.run("sync_plex")
    assert result.outcome == "skipped" and f"{name} has been down since" in result.summary
    assert plex.requests.count() == asked

    await here.run("check_servers")
    assert (await here.server(name)).state_since == down.state_since
    await plex.come_up()
    result, _ = await here.run("check_servers")
    assert result.summary == "2 servers: 2 up"
    back = await here.server(name)
    assert back.state_since > down.state_since and back.last_error == ""
    result, _ = await here.run("sync_plex")
    assert result.summary == "nothing to do"


async def test_the_other_addresses_are_tried_in_turn(here: Town) -> None:
    jellyfin = here.outside.jellyfin[0]
    server = await here.server(jellyfin.state.server.name)
    edit = ServerEdit(url=NOWHERE, local_url=f"{NOWHERE}/local", public_url=jellyfin.url + "/")
    await here.directory.change_server(server.id, edit)
    for job in ("check_servers", "sync_jellyfin"):
        result, _ = await here.run(job)
        assert result.outcome == "succeeded"
    assert (await here.server(server.name)).state == "up"


async def test_a_token_that_no_longer_opens_is_a_state_of_its_own(here: Town) -> None:
    server = await here.server(here.outside.plex[0].machine.server.name)
    await here.directory.change_server(server.id, ServerEdit(token=Secret("old-token")))
    result, run = await here.run("check_servers")
    assert "is unauthorized" in result.summary and "old-token" not in result.summary + run.said
    assert (await here.server(server.name)).state == "unauthorized"


async def test_a_dry_look_writes_nothing(here: Town) -> None:
    before = await here.contents()
    _, run = await here.run("check_servers", dry_run=True)
    assert run.changes and not run.states
    assert await here.contents() == before


async def test_a_disabled_server_is_not_looked_at(here: Town) -> None:
    for server in await here.directory.servers():
        await here.directory.change_server(server.id, ServerEdit(enabled=False))
    for job in ("check_servers", "sync_plex", "sync_jellyfin"):
        result, _ = await here.run(job)
        assert result.outcome == "skipped"
    assert here.outside.plex[0].requests.count() == 0


async def looked_at(kind: Any, url: str, token: str, **more: Any) -> OutsideError:
    """What is wrong with a server that somebody wants to add."""
    async with new_session() as session:
        with pytest.raises(OutsideError) as caught:
            await check_server(session, kind, url, Secret(token), timeout_s=5, **more)
    assert token not in str(caught.value)
    return caught.value


async def test_what_is_wrong_with_a_server_is_said_plainly(here: Town) -> None:
    plex, jellyfin = here.outside.plex[0], here.outside.jellyfin[0]
    key = jellyfin.state.api_key
    secure = plex.url.replace("http:", "https:")
    cases = [
        (await looked_at("plex", "http://nowhere.invalid:32400", "token"), Unreachable, "is it spelled rightly?"),
        (await looked_at("plex", NOWHERE, "token"), Unreachable, "nothing listens at its address"),
        (await looked_at("plex", "nonsense", "token"), Unreachable, "no valid address"),
        (await looked_at("plex", secure, "token"), Unreachable, "does not speak HTTPS there"),
        (await looked_at("plex", jellyfin.url, key), Malformed, "is no Plex server"),
        (await looked_at("jellyfin", plex.url, "token"), Malformed, "is no Jellyfin server"),
        (await looked_at("plex", plex.url, "wrong"), Unauthorized, "does not accept the token (401)"),
        (await looked_at("jellyfin", jellyfin.url, "wrong"), Unauthorized, "does not accept the token (401)"),
        (await looked_at("jellyfin", jellyfin.url, 'a"b'), Unauthorized, "characters that no token has"),
        (await looked_at("plex", plex.url, plex.owner_token, identifier="x"), Malformed, "Another server than"),
    ]
    for error, kind, words in cases:
        assert isinstance(error, kind) and words in error.message, repr(error)


async def test_an_ordinary_jellyfin_user_may_not_look(here: Town) -> None:
    state = here.outside.jellyfin[0].state
    user = next(user for user in state.users.values() if not (user.is_administrator or user.is_disabled))
    error = await looked_at("jellyfin", here.outside.jellyfin[0].url, state.log_in(user, "phone"))
    assert isinstance(error, Unauthorized) and "does not allow this token" in error.message


async def test_a_certificate_that_nobody_vouches_for_is_named(folder: Path) -> None:
    async with secured(folder) as url:
        error = await looked_at("plex", url, "token")
    assert isinstance(error, Unreachable) and "its certificate is not trusted" in error.message


async def test_a_server_without_end_is_given_up(here: Town) -> None:
    released = here.outside.plex[0].faults.hold("/identity")
    async with new_session() as session:
        with pytest.raises(Unreachable, match=r"did not answer within 0\.05 s"):
            await check_server(session, "plex", here.outside.plex[0].url, Secret("token"), timeout_s=0.05)
    released.set()


@asynccontextmanager
async def secured(folder: Path) -> AsyncIterator[str]:
    """A server that speaks HTTPS with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
