"""Those who called of late, and the order of the roles."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.gateway.auth.callers import MOST_KEPT, Caller, Recent, key_of
from services.gateway.auth.roles import lesser, suffices
from services.gateway.store.accounts import Role
from services.gateway.store.database import DatabaseUnreachable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")


def caller(key: bytes = b"", expires_at: datetime | None = None) -> Caller:
    return Caller(name="ann", account="ann", role="viewer", expires_at=expires_at, key=key, by_token=False)


class Answers:
    """Answers each question for a caller, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.away = False

    async def __call__(self, key: bytes) -> Caller | None:
        self.asked.append(key)
        if self.away:
            raise DatabaseUnreachable("away")
        return caller(key)


async def test_nobody_is_asked_for_twice_until_forgotten() -> None:
    recent, answers = Recent(), Answers()
    for _ in range(3):
        found = await recent.find("a", answers)
        assert found is not None and found.key == key_of("a")
    await recent.find("b", answers)
    assert answers.asked == [key_of("a"), key_of("b")]
    recent.forget("a")
    for credential in ("a", "b"):
        await recent.find(credential, answers)
    recent.forget_all()
    for credential in ("a", "b"):
        await recent.find(credential, answers)
    assert answers.asked[2:] == [key_of("a"), key_of("a"), key_of("b")]


async def test_an_answer_that_was_under_way_when_it_was_forgotten_is_not_kept() -> None:
    recent, answers, asked, go_on = Recent(), Answers(), asyncio.Event(), asyncio.Event()

    async def slowly(key: bytes) -> Caller | None:
        asked.set()
        await go_on.wait()
        return await answers(key)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recent.find("a", slowly))
        await asked.wait()
        recent.forget_all()
        go_on.set()
    await recent.find("a", answers)
    assert len(answers.asked) == 2


async def test_without_postgres_one_who_was_never_found_is_not_let_in() -> None:
    recent, answers = Recent(), Answers()
    answers.away = True
    with pytest.raises(DatabaseUnreachable):
        await recent.find("a", answers)


async def test_those_who_called_longest_ago_are_forgotten_first() -> None:
    recent, answers = Recent(), Answers()
    for number in range(MOST_KEPT + 1):
        await recent.find(str(number), answers)
    answers.asked.clear()
    await recent.find(str(MOST_KEPT), answers)
    await recent.find("0", answers)
    assert answers.asked == [key_of("0")]


def test_what_is_shown_ends_at_its_moment() -> None:
    assert not caller().has_ended(NOW)
    assert not caller(expires_at=NOW + timedelta(microseconds=1)).has_ended(NOW)
    assert caller(expires_at=NOW).has_ended(NOW)


def test_a_role_may_what_the_lesser_ones_may() -> None:
    for (one, role), (other, wanted) in product(enumerate(ROLES), repeat=2):
        assert suffices(role, wanted) is (one >= other)
        assert lesser(role, wanted) == ROLES[min(one, other)]
    assert suffices(None, "anyone") and not any(suffices(None, role) for role in ROLES)
