"""Who may do what on NATS: the users are those of our services, and nobody's secret becomes a subject."""

from __future__ import annotations

import re

import pytest

from services.cli.main import main
from services.cli.workers import CATEGORIES
from services.cli.workers import WATCHING as WATCHED_BY
from shared.messaging.doorstep import user_in
from shared.messaging.permissions import OUR_CATEGORIES, WATCHING, inbox_of, users
from shared.messaging.user_list import password_variable, user_list
from tests.support.processes import CHECKOUT


def test_every_worker_of_ours_has_a_user() -> None:
    assert set(OUR_CATEGORIES) == CATEGORIES.keys() and WATCHING == WATCHED_BY


def test_compose_gives_every_service_its_own_user() -> None:
    given = re.findall(r"source: nats_url_(\w+)", (CHECKOUT / "compose.yaml").read_text())
    services = [user.name.replace("-", "_") for user in users() if user.name != "subscriber"]
    assert sorted(given) == sorted(services)


def test_users_share_no_inbox_and_reach_only_their_own() -> None:
    inboxes = [subject for user in users(["network"]) for subject in user.subscribe if subject.startswith("_INBOX")]
    assert len(set(inboxes)) == len(inboxes) == len(users(["network"])) - 1, "the subscriber asks for nothing"
    assert not any("*" in inbox for inbox in inboxes)


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("nats://worker-sync:secret@there:4222", "worker-sync"),
        ("nats://a-token@there:4222", ""),
        ("nats://there:4222", ""),
        ("nats://per%20haps:secret@there", "per haps"),
    ],
)
def test_who_we_are_is_read_from_the_address(url: str, user: str) -> None:
    assert user_in(url) == user


def test_a_name_that_is_no_token_shares_the_common_inbox() -> None:
    assert inbox_of("gateway") == "_INBOX.gateway"
    assert {inbox_of(name) for name in ("", "per haps", "a.b", "*", ">")} == {"_INBOX"}


def test_the_list_has_workers_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nats-users", "network", "sync"]) == 0
    said = capsys.readouterr().out
    assert said == user_list(users(["network"])), "ours are there already"
    assert f"password: ${password_variable('worker-network')}" in said
    assert main(["nats-users", "no category"]) == 2
