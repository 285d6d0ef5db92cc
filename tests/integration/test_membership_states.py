"""States of people, kept right by whoever changes what they follow from, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.access.terms import AccessPolicy
from shared.directory.subscribers import PersonEdit, PlanBody, StateChange
from tests.support.household import TODAY, Household, open_household


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        await opened.server("Attic", {"Kim": ["Movies", "Shows"], "Mara": ["Movies"], "Zoe": []})
        yield opened


def on(number: int) -> dict[str, Any]:
    """So many days from today."""
    return {"by": "update_user_status", "today": day(number), "policy": AccessPolicy()}


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


async def state(home: Household, name: str) -> str:
    return (await home.card(name)).state


async def test_states_follow_the_days(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, None, day(100), **home.here)
    changes = [await home.membership.refresh_states(**on(number)) for number in (69, 70, 93, 100, 101, 102)]
    assert changes == [
        [],
        [StateChange(kim, "Kim", "active", "pre_expired")],
        [StateChange(kim, "Kim", "pre_expired", "reminder")],
        [],
        [StateChange(kim, "Kim", "reminder", "expired")],
        [],
    ]
    event = await home.event("Kim", "state")
    assert (event.who, event.before, event.after) == ("update_user_status", "reminder", "expired")


async def test_states_follow_the_settings(home: Household) -> None:
    await home.membership.subscribe(await home.id("Kim"), None, day(20), **home.here)
    assert await state(home, "Kim") == "pre_expired"
    policy = AccessPolicy(pre_expired_days=10, reminder_days=5)
    await home.membership.refresh_states([await home.id("Mara")], today=TODAY, policy=policy, by="x")
    assert await state(home, "Kim") == "pre_expired", "nobody asked about Kim"
    await home.membership.refresh_states(today=TODAY, policy=policy, by="x")
    assert await state(home, "Kim") == "active"


async def test_runs_at_the_same_time_tell_each_change_once(home: Household) -> None:
    for name in ("Kim", "Mara", "Zoe"):
        await home.membership.subscribe(await home.id(name), None, day(100), **home.here)
    told = await asyncio.gather(*(home.membership.refresh_states(**on(101)) for _ in range(3)))
    assert sorted(change.name for changes in told for change in changes) == ["Kim", "Mara", "Zoe"]


async def test_a_renewal_during_a_refresh_is_never_overwritten(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, None, day(1), **home.here)
    await asyncio.gather(
        home.membership.refresh_states(**on(2)), home.membership.renew(kim, 300, **on(2)),
        home.membership.refresh_states(**on(2)),
    )  # fmt: skip
    assert await state(home, "Kim") == "active"


async def test_who_was_removed_stays_so_until_a_person_or_a_server_brings_them_back(home: Household) -> None:
    (attic,) = await home.directory.servers()
    zoe, mara = await home.id("Zoe"), await home.id("Mara")
    await home.membership.remove([zoe, zoe], "no library since May", by="cleanup")
    event = await home.event("Zoe", "removed")
    assert (event.before, event.after, event.note) == ("active", "removed", "no library since May")
    assert await home.membership.refresh_states(**on(0)) == []
    assert await state(home, "Zoe") == "removed"
    await home.see(attic, {"Kim": ["Movies", "Shows"], "Mara": ["Movies"], "Zoe": ["Shows"]})
    assert await home.membership.refresh_states(**on(0)) == [StateChange(zoe, "Zoe", "removed", "active")]
    assert await home.happened("Zoe") == ["removed", "came_back"]
    await home.see(attic, {"Kim": ["Movies", "Shows"], "Mara": []})
    await home.membership.remove([zoe, mara], by="cleanup")
    await home.membership.bring_back([zoe], **on(0))
    await home.membership.subscribe(mara, None, day(3), **on(0))
    assert (await state(home, "Zoe"), await state(home, "Mara")) == ("active", "reminder")


async def invited(home: Household, name: str, **terms: Any) -> None:
    """A person who was on no server that is left, is invited to another one, and gets a subscription."""
    (attic,) = await home.directory.servers()
    person_id = await home.id(name)
    await home.see(attic, {"Nobody": ["Movies", "Shows"]})
    await home.membership.edit_person(person_id, PersonEdit(email="kim@example.org"), "ada")
    cellar = await home.server("Cellar", {"Ann": ["Cartoons"]})
    await home.membership.want_account(person_id, cellar.id, **home.here)
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30))
    await home.membership.subscribe(person_id, plan.id, **terms, **home.here)
    assert await state(home, name) == "invited"


async def last_day(home: Household, name: str) -> date | None:
    subscription = (await home.card(name)).subscription
    assert subscription is not None
    return subscription.expires_on


async def test_who_accepts_late_loses_nothing(home: Household) -> None:
    await invited(home, "Kim")
    assert await last_day(home, "Kim") == day(30)
    for number in (20, 20, 50):
        assert await home.membership.refresh_states(**on(number)) == []
        assert await last_day(home, "Kim") == day(number + 30)
    assert (await home.happened("Kim"))[-2:] == ["slid", "slid"]
    event = await home.event("Kim", "slid")
    assert (event.before, event.after) == (day(50).isoformat(), day(80).isoformat())


@pytest.mark.parametrize("terms", [{"expires_on": day(10)}, {"expires_on": day(300)}, {"for_life": True}])
async def test_a_last_day_that_was_chosen_is_not_put_off(home: Household, terms: dict[str, Any]) -> None:
    await invited(home, "Kim", **terms)
    await home.membership.refresh_states(**on(20))
    assert await last_day(home, "Kim") == terms.get("expires_on")


async def test_an_access_that_has_ended_is_not_brought_back_by_an_invitation(home: Household) -> None:
    await invited(home, "Kim")
    await home.book.end(await home.id("Kim"), day(30), approved=False, who="disable_expired_users")
    await home.membership.refresh_states(**on(31))
    assert await last_day(home, "Kim") == day(30)
