"""Plans, subscriptions, renewals and gifts on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.directory.errors import (
    ForLife,
    NameTaken,
    NoLength,
    NoSuchLibrary,
    NoSuchPerson,
    NoSuchPlan,
    NotSubscribed,
    PlanInUse,
)
from shared.directory.subscribers import PlanBody, SubscriptionQuery, SubscriptionView
from tests.support.household import TODAY, Household, open_household


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        await opened.server("Attic", {"Kim": ["Movies", "Shows"], "Mara": ["Movies"], "Zoe": []})
        yield opened


async def plan(home: Household, name: str = "Family", days: int | None = 30, *titles: str) -> UUID:
    libraries = tuple([await home.library(title) for title in titles])
    return (await home.membership.add_plan(PlanBody(name=name, days=days, libraries=libraries))).id


async def subscription(home: Household, name: str) -> SubscriptionView:
    found = (await home.card(name)).subscription
    assert found is not None
    return found


async def last_day(home: Household, name: str) -> date | None:
    return (await subscription(home, name)).expires_on


def day(number: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=number)


async def test_a_plan_is_kept_as_it_was_given(home: Household) -> None:
    movies, shows = await home.library("Movies"), await home.library("Shows")
    body = PlanBody(name="Family", days=30, stream_limit=2, notes="two at once", libraries=(movies,))
    added = await home.membership.add_plan(body)
    assert (added.name, added.days, added.stream_limit, added.notes) == ("Family", 30, 2, "two at once")
    assert (added.libraries, added.people) == ((movies,), 0)
    assert await home.membership.plan(added.id) == added
    changed = await home.membership.change_plan(added.id, PlanBody(name="All", libraries=(movies, shows)), "ada")
    assert (changed.name, changed.days, set(changed.libraries)) == ("All", None, {movies, shows})
    assert await home.membership.plans() == [changed]
    await home.membership.remove_plan(added.id)
    assert await home.membership.plans() == []


async def test_a_plan_that_can_not_be_is_refused_and_changes_nothing(home: Household) -> None:
    family = await plan(home)
    await plan(home, "Friends")
    before = await home.membership.plans()
    for attempt, error in (
        (home.membership.add_plan(PlanBody(name="Family")), NameTaken),
        (home.membership.change_plan(family, PlanBody(name="Friends"), "ada"), NameTaken),
        (home.membership.add_plan(PlanBody(name="New", libraries=(uuid4(),))), NoSuchLibrary),
        (home.membership.change_plan(family, PlanBody(name="Other", libraries=(uuid4(),)), "ada"), NoSuchLibrary),
        (home.membership.change_plan(uuid4(), PlanBody(name="Other"), "ada"), NoSuchPlan),
        (home.membership.plan(uuid4()), NoSuchPlan),
        (home.membership.remove_plan(uuid4()), NoSuchPlan),
    ):
        with pytest.raises(error):
            await attempt
    assert await home.membership.plans() == before


async def test_a_plan_that_people_have_stays(home: Household) -> None:
    family = await plan(home)
    await home.membership.subscribe(await home.id("Kim"), family, **home.here)
    with pytest.raises(PlanInUse, match="One person has the plan Family"):
        await home.membership.remove_plan(family)
    assert [found.people for found in await home.membership.plans()] == [1]


async def test_who_has_a_plan_is_told_what_it_gives_now(home: Household) -> None:
    family = await plan(home, "Family", 30, "Movies")
    await home.membership.subscribe(await home.id("Kim"), family, **home.here)
    shows = await home.library("Shows")
    await home.membership.change_plan(family, PlanBody(name="Family", days=30, libraries=(shows,)), "ben")
    event = await home.event("Kim", "plan_changed")
    assert (event.who, event.note) == ("ben", "Family")
    assert (event.before, event.after) == (["Movies (Attic)"], ["Shows (Attic)"])
    await home.membership.change_plan(family, PlanBody(name="Friends", days=60, libraries=(shows,)), "ben")
    assert (await home.membership.events(await home.id("Kim")))[0] == event


@pytest.mark.parametrize(
    ("days", "more", "expected"),
    [
        (30, {}, day(30)),
        (30, {"expires_on": day(3)}, day(3)),
        (30, {"for_life": True}, None),
        (None, {}, None),
        (None, {"expires_on": day(3)}, day(3)),
    ],
)
async def test_a_subscription_lasts_as_long_as_is_said(
    home: Household, days: int | None, more: dict[str, Any], expected: date | None
) -> None:
    family = await plan(home, "Family", days)
    await home.membership.subscribe(await home.id("Kim"), family, **more, **home.here)
    assert await subscription(home, "Kim") == SubscriptionView(
        plan_id=family, plan="Family", started_on=TODAY, expires_on=expected, ended=False
    )


async def test_another_plan_takes_the_place_of_the_first(home: Household) -> None:
    family, friends = await plan(home), await plan(home, "Friends", 90)
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, family, **home.here)
    await home.membership.subscribe(kim, friends, **{**home.here, "today": day(5)})
    assert await subscription(home, "Kim") == SubscriptionView(
        plan_id=friends, plan="Friends", started_on=TODAY, expires_on=day(95), ended=False
    )
    event = await home.event("Kim", "subscribed")
    assert event.before == {"plan": "Family", "expires_on": day(30).isoformat()}
    assert event.after == {"plan": "Friends", "expires_on": day(95).isoformat()}
    await home.membership.unsubscribe(kim, **home.here)
    card = await home.card("Kim")
    assert card.subscription is None and card.managed
    with pytest.raises(NotSubscribed):
        await home.membership.unsubscribe(kim, **home.here)


async def test_what_people_have_at_the_first_decision_they_keep(home: Household) -> None:
    family = await plan(home, "Family", 30, "Movies")
    await home.membership.subscribe(await home.id("Kim"), family, **home.here)
    assert await home.rules("Kim") == {"Shows": "allow"}
    assert [rule.origin for rule in await home.membership.rules(await home.id("Kim"))] == ["found"]
    await home.membership.subscribe(await home.id("Mara"), None, keep_present=False, **home.here)
    assert await home.rules("Mara") == {}
    await home.membership.suspend(await home.id("Mara"), "", **home.here)
    assert await home.rules("Mara") == {}
    assert await home.happened("Kim") == ["managed", "subscribed", "state"]


async def test_a_renewal_extends_and_a_late_one_begins_today(home: Household) -> None:
    family = await plan(home)
    kim, mara = await home.id("Kim"), await home.id("Mara")
    await home.membership.subscribe(kim, family, day(10), **home.here)
    await home.membership.subscribe(mara, family, day(-100), **home.here)
    assert (await home.card("Mara")).state == "expired"
    assert await home.membership.renew(kim, **home.here) == day(40) == await last_day(home, "Kim")
    assert await home.membership.renew(mara, 7, **home.here) == day(7) == await last_day(home, "Mara")
    card = await home.card("Mara")
    assert card.state == "reminder"
    assert (await home.happened("Mara"))[-2:] == ["renewed", "state"]


async def test_what_can_not_be_renewed_says_why(home: Household) -> None:
    kim, mara, zoe = await home.id("Kim"), await home.id("Mara"), await home.id("Zoe")
    await home.membership.subscribe(kim, await plan(home, "Life", None), **home.here)
    await home.membership.subscribe(mara, None, day(3), **home.here)
    for attempt, error in (
        (home.membership.renew(kim, 30, **home.here), ForLife),
        (home.membership.renew(mara, **home.here), NoLength),
        (home.membership.renew(zoe, 30, **home.here), NotSubscribed),
        (home.membership.renew(uuid4(), 30, **home.here), NoSuchPerson),
    ):
        with pytest.raises(error):
            await attempt


async def test_what_outlasted_an_end_ends_with_the_next_one_unless_a_person_said_always(home: Household) -> None:
    kim = await home.id("Kim")
    movies, shows = await home.number("Movies"), await home.library("Shows")
    await home.membership.subscribe(kim, await plan(home), day(-1), keep_present=False, **home.here)
    await home.book.end(kim, day(-1), approved=False, who="disable_expired_users")
    await home.book.adopt(kim, {movies: "always"}, "by_hand", "apply_plex_access", "")
    await home.membership.set_rule(kim, shows, "always", by="ada")
    await home.membership.subscribe(kim, await plan(home, "Friends"), day(-1), **home.here)
    assert await home.rules("Kim") == {"Movies": "always", "Shows": "always"}, "access has not come back"
    await home.membership.renew(kim, **home.here)
    assert await home.rules("Kim") == {"Movies": "allow", "Shows": "always"}


async def test_what_was_given_by_hand_in_a_suspension_stays_through_a_renewal(home: Household) -> None:
    kim, movies = await home.id("Kim"), await home.number("Movies")
    await home.membership.subscribe(kim, await plan(home), keep_present=False, **home.here)
    await home.membership.suspend(kim, "a break", **home.here)
    await home.book.adopt(kim, {movies: "always"}, "by_hand", "apply_plex_access", "")
    await home.membership.renew(kim, **home.here)
    assert await home.rules("Kim") == {"Movies": "always"}, "they are suspended still"
    await home.membership.unsuspend(kim, **home.here)
    assert await home.rules("Kim") == {"Movies": "allow"}


async def test_a_gift_reaches_all_whom_it_can(home: Household) -> None:
    family = await plan(home)
    kim, mara, zoe, nobody = await home.id("Kim"), await home.id("Mara"), await home.id("Zoe"), uuid4()
    await home.membership.subscribe(kim, family, **home.here)
    await home.membership.subscribe(mara, family, for_life=True, **home.here)
    results = await home.membership.gift([mara, kim, nobody, zoe, kim], 10, "sorry for the outage", **home.here)
    assert [(result.person_id, result.name, result.expires_on) for result in results] == [
        (mara, "Mara", None), (kim, "Kim", day(40)), (nobody, "", None), (zoe, "Zoe", None)
    ]  # fmt: skip
    assert [bool(result.error) for result in results] == [True, False, True, True]
    event = await home.event("Kim", "gifted")
    assert (event.before, event.after) == (day(30).isoformat(), day(40).isoformat())
    assert event.note == "sorry for the outage"


async def test_renewals_at_the_same_time_all_count(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, await plan(home), **home.here)
    given = await asyncio.gather(*(home.membership.renew(kim, 10, **home.here) for _ in range(4)))
    assert sorted(given) == [day(40), day(50), day(60), day(70)]
    assert await last_day(home, "Kim") == day(70)


async def test_subscriptions_are_listed_by_last_day(home: Household) -> None:
    family, friends = await plan(home), await plan(home, "Friends", 60)
    await home.membership.subscribe(await home.id("Zoe"), friends, day(5), **home.here)
    await home.membership.subscribe(await home.id("Kim"), family, for_life=True, **home.here)
    await home.membership.subscribe(await home.id("Mara"), family, day(9), **home.here)

    async def names(**query: Any) -> list[str]:
        return [card.name for card in await home.membership.subscribed(SubscriptionQuery(**query))]

    assert await names() == ["Zoe", "Mara", "Kim"]
    assert await names(plan=family) == ["Mara", "Kim"]
    assert await names(expiring_before=day(9)) == ["Zoe"]
    assert await names(limit=1, after=await home.id("Zoe")) == ["Mara"]
    assert await names(after=await home.id("Mara")) == ["Kim"]


async def test_what_is_decided_together_is_written_together_or_not_at_all(home: Household) -> None:
    kim, mara, family = await home.id("Kim"), await home.id("Mara"), await plan(home)
    with pytest.raises(NotSubscribed):
        async with home.membership.together() as membership:
            await membership.subscribe(kim, family, **home.here)
            await membership.renew(mara, 30, **home.here)
    assert (await home.card("Kim")).subscription is None
    async with home.membership.together() as membership:
        await membership.subscribe(kim, family, **home.here)
        with pytest.raises(NotSubscribed):
            await membership.renew(mara, 30, **home.here)
        assert (await membership.card(kim)).subscription is not None
        assert (await home.card("Kim")).subscription is None
    assert await last_day(home, "Kim") == day(30)
