"""The address of NATS, as it is written: one server or several, and as whom we come."""

from __future__ import annotations

import pytest

from shared.messaging.doorstep import credentials_in, servers_in, user_in


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("nats://one:4222", ["nats://one:4222"]),
        ("nats://one:4222,nats://two:4222", ["nats://one:4222", "nats://two:4222"]),
        (" tls://a:b,c@one , tls://a:b,c@two\n", ["tls://a:b,c@one", "tls://a:b,c@two"]),
        ("one:4222", ["one:4222"]),
    ],
)
def test_an_address_may_name_several_servers(url: str, servers: list[str]) -> None:
    assert servers_in(url) == servers


@pytest.mark.parametrize(
    ("url", "credentials"),
    [
        ("nats://one:4222", {}),
        ("nats://t%40ken@one", {"token": "t@ken"}),
        ("nats://worker-sync:p%2Fw@one,nats://worker-sync:p%2Fw@two", {"user": "worker-sync", "password": "p/w"}),
    ],
)
def test_as_whom_we_come_is_the_same_on_all(url: str, credentials: dict[str, str]) -> None:
    assert credentials_in(url) == credentials
    assert user_in(url) == credentials.get("user", "")
