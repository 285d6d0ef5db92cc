"""What decides about access, read from a real database, and what is written down about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.access.intent import intended
from shared.access.reconcile import decide
from shared.access.terms import AccessPolicy, Subscription
from shared.directory.errors import NoSuchAccount, NoSuchPerson, NoSuchServer
from shared.directory.subscribers import PersonBody, PlanBody
from tests.support.household import AT, TODAY, Household, open_household

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        await opened.server("Attic", {"Kim": ["Movies", "Shows"], "Mara": ["Movies"], "Zoe": []})
        yield opened


async def server_id(home: Household, name: str = "Attic") -> UUID:
    return next(server.id for server in await home.directory.servers() if server.name == name)


async def account_id(home: Household, name: str) -> UUID:
    return (await home.card(name)).accounts[0].id


async def test_a_server_is_read_with_all_that_decides_about_it(home: Household) -> None:
    movies, shows = await home.number("Movies"), await home.number("Shows")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30, libraries=(await home.library("Movies"),)))
    await home.membership.subscribe(await home.id("Mara"), plan.id, **home.here)
    await home.membership.set_rule(await home.id("Mara"), await home.library("Shows"), "always", by="ada")
    servings = await home.book.servings(await server_id(home))
    assert (servings.kind, servings.name) == ("plex", "Attic")
    assert servings.titles == servings.outside_ids == {movies: "Movies", shows: "Shows"}
    assert servings.plans == {plan.id: {movies}}
    mara = servings.people[await home.id("Mara")]
    assert mara.managed and mara.rules == {shows: "always"}
    last_day = TODAY + timedelta(days=30)
    assert mara.subscription == Subscription(plan_id=plan.id, started_on=TODAY, expires_on=last_day)
    assert {holding.title: holding.observed for holding in servings.holdings} == {
        "Kim": {movies, shows}, "Mara": {movies}, "Zoe": frozenset()
    }  # fmt: skip
    assert not servings.people[await home.id("Kim")].managed
    assert all(holding.settled is None for holding in servings.holdings)


async def test_of_one_account_it_is_the_same(home: Household) -> None:
    await home.membership.set_rule(await home.id("Kim"), await home.library("Shows"), "deny", by="ada")
    whole = await home.book.servings(await server_id(home))
    for name in ("Kim", "Mara", "Zoe"):
        one = await home.book.serving_of(await account_id(home, name))
        assert one.holdings == tuple(holding for holding in whole.holdings if holding.title == name)
        assert one.people == {key: person for key, person in whole.people.items() if person.name == name}
        assert (one.titles, one.outside_ids, one.plans) == (whole.titles, whole.outside_ids, whole.plans)


async def test_what_another_server_has_or_what_is_gone_is_no_part_of_it(home: Household) -> None:
    kim = await home.id("Kim")
    cellar = await home.server("Cellar", {"Kim": ["Cartoons"]})
    for title in ("Movies", "Shows", "Cartoons"):
        await home.membership.set_rule(kim, await home.library(title), "allow", by="ada")
    cartoons, movies = await home.number("Cartoons"), await home.number("Movies")
    attic = next(server for server in await home.directory.servers() if server.name == "Attic")
    await home.see(attic, {"Kim": ["Movies"], "Mara": ["Movies"]})
    servings = await home.book.servings(attic.id)
    assert servings.titles == {movies: "Movies"}
    assert servings.people[kim].rules == {movies: "allow"}
    assert [holding.title for holding in servings.holdings] == ["Kim", "Mara"]
    assert (await home.book.servings(cellar.id)).people[kim].rules == {cartoons: "allow"}
    assert (await home.book.subscriber(kim)).rules == {movies: "allow", cartoons: "allow"}


async def test_what_is_not_there_is_an_error(home: Household) -> None:
    for ask, error in (
        (home.book.servings(uuid4()), NoSuchServer),
        (home.book.serving_of(uuid4()), NoSuchAccount),
        (home.book.subscriber(uuid4()), NoSuchPerson),
        (home.book.note_look(uuid4(), frozenset(), all_libraries=False, state="active"), NoSuchAccount),
        (home.book.adopt(uuid4(), {}, "by_hand", "apply_plex_access", ""), NoSuchPerson),
        (home.book.end(uuid4(), TODAY, approved=False, who="x"), NoSuchPerson),
    ):
        with pytest.raises(error):
            await ask


async def test_a_look_replaces_what_was_seen(home: Household) -> None:
    account = await account_id(home, "Kim")
    shows = await home.number("Shows")
    await home.book.note_look(account, frozenset({shows}), all_libraries=True, state="disabled")
    (holding,) = (await home.book.serving_of(account)).holdings
    assert (holding.observed, holding.all_libraries, holding.state) == (frozenset({shows}), True, "disabled")
    await home.book.settle({account: frozenset({shows})})
    await home.book.note_look(account, frozenset(), all_libraries=False, state="removed")
    (holding,) = (await home.book.serving_of(account)).holdings
    assert (holding.observed, holding.settled, holding.state) == (frozenset(), None, "removed")
    await home.book.note_look(account, frozenset({shows}), all_libraries=False, state="active")
    assert await home.pool.fetchval("SELECT removed_at FROM account WHERE id = $1", account) is None


async def test_an_account_that_a_sync_misses_is_settled_no_more(home: Household) -> None:
    account, movies = await account_id(home, "Mara"), await home.number("Movies")
    await home.book.settle({account: frozenset({movies}), uuid4(): frozenset()})
    assert (await home.book.serving_of(account)).holdings[0].settled == frozenset({movies})
    (attic,) = await home.directory.servers()
    await home.see(attic, {"Kim": ["Movies", "Shows"]})
    assert (await home.book.serving_of(account)).holdings[0].settled is None


@pytest.mark.parametrize("returning", [False, True])
async def test_what_a_managed_person_has_on_a_server_that_is_new_to_them_was_given_by_hand(
    home: Household, returning: bool
) -> None:
    if returning:
        cellar = await home.server("Cellar", {"Kim": ["Cartoons"], "Ann": ["Cartoons"]})
        await home.membership.set_rule(await home.id("Kim"), await home.library("Cartoons"), "deny", by="ada")
        await home.see(cellar, {"Ann": ["Cartoons"]})
        await home.membership.set_rule(await home.id("Kim"), await home.library("Cartoons"), None, by="ada")
        await home.see(cellar, {"Kim": ["Cartoons"], "Ann": ["Cartoons"]})
    else:
        await home.membership.set_rule(await home.id("Kim"), await home.library("Movies"), "allow", by="ada")
        cellar = await home.server("Cellar", {"Kim": ["Cartoons"], "Ann": ["Cartoons"]})
    servings = await home.book.servings(cellar.id)
    holding = next(holding for holding in servings.holdings if holding.title == "Kim")
    decision = decide(holding, servings.people[holding.person_id], servings, AccessPolicy())
    assert decision is not None
    assert (decision.take, decision.adopt_given) == (frozenset(), servings.present)
    assert next(holding for holding in servings.holdings if holding.title == "Ann").settled is None


async def test_troubles_are_counted_until_they_are_over(home: Household) -> None:
    kim, mara = await account_id(home, "Kim"), await account_id(home, "Mara")
    later = AT + timedelta(minutes=20)
    await home.book.note_trouble(kim, "no answer", AT)
    await home.book.note_trouble(kim, "still no answer", later)
    await home.book.note_trouble(mara, "no answer", AT)
    await home.book.note_trouble(uuid4(), "nobody's", AT)
    troubles = await home.book.trouble()
    assert (troubles[kim].tries, troubles[kim].error, troubles[kim].next_at) == (2, "still no answer", later)
    await home.book.clear_trouble([kim])
    assert list(await home.book.trouble()) == [mara]


async def test_what_was_done_by_hand_becomes_a_rule_and_nothing_is_left_to_do(home: Household) -> None:
    kim, account = await home.id("Kim"), await account_id(home, "Kim")
    movies, shows = await home.number("Movies"), await home.number("Shows")
    await home.membership.set_rule(kim, await home.library("Shows"), "allow", by="ada")
    await home.book.adopt(kim, {movies: None, shows: "deny", 999: "allow"}, "by_hand", "apply_plex_access", "on Attic")
    assert await home.rules("Kim") == {"Shows": "deny"}
    (rule,) = await home.membership.rules(kim)
    assert (rule.origin, rule.who, rule.note) == ("by_hand", "apply_plex_access", "on Attic")
    event = (await home.membership.events(kim))[0]
    assert (event.kind, event.before) == ("rule", {"Movies (Attic)": "allow", "Shows (Attic)": "allow"})
    assert event.after == {"Movies (Attic)": None, "Shows (Attic)": "deny"}
    await home.book.note_look(account, frozenset(), all_libraries=False, state="active")
    servings = await home.book.serving_of(account)
    assert decide(servings.holdings[0], servings.people[kim], servings, AccessPolicy()) is None
    count = len(await home.membership.events(kim))
    await home.book.adopt(kim, {shows: "deny"}, "undo", "apply_plex_access", "again")
    assert len(await home.membership.events(kim)) == count


async def test_an_end_is_for_one_last_day(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, None, YESTERDAY, **home.here)
    assert [person.name for person in await home.book.lapsed(TODAY)] == ["Kim"]
    assert await home.book.lapsed(YESTERDAY) == []
    assert not await home.book.end(kim, TODAY, approved=False, who="disable_expired_users")
    assert await home.book.end(kim, YESTERDAY, approved=True, who="disable_expired_users")
    assert not await home.book.end(kim, YESTERDAY, approved=True, who="disable_expired_users")
    servings = await home.book.servings(await server_id(home))
    assert intended(servings.people[kim], servings) == frozenset()
    assert (await home.card("Kim")).subscription.ended  # type: ignore[union-attr]
    assert await home.book.spare(kim, YESTERDAY, who="disable_expired_users")
    assert not await home.book.end(kim, YESTERDAY, approved=False, who="disable_expired_users")
    servings = await home.book.servings(await server_id(home))
    assert intended(servings.people[kim], servings) == servings.present
    assert (await home.happened("Kim"))[-2:] == ["ended", "spared"]


async def test_a_new_last_day_begins_anew_even_if_it_is_an_old_one(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.subscribe(kim, None, YESTERDAY, **home.here)
    await home.book.end(kim, YESTERDAY, approved=True, who="disable_expired_users")
    await home.membership.renew(kim, 30, **home.here)
    subscription = (await home.book.subscriber(kim)).subscription
    assert subscription == Subscription(started_on=TODAY, expires_on=TODAY + timedelta(days=30))
    await home.membership.subscribe(kim, None, YESTERDAY, **home.here)
    assert await home.book.end(kim, YESTERDAY, approved=False, who="disable_expired_users")


async def test_who_has_accounts_without_libraries_is_told_from_who_is_to_have_some(home: Household) -> None:
    await home.server("Cellar", {"Owner": ["Cartoons"]}, role="owner")
    await home.server("Loft", {"Ruled": ["Books"], "Paying": ["Books"], "Over": ["Books"], "Idle": ["Books"]})
    for name in ("Paying", "Over", "Idle", "Ruled"):
        # Unmanaged, and then without what they had: nobody has given or promised them anything.
        await home.book.note_look(await account_id(home, name), frozenset(), all_libraries=False, state="active")
    await home.membership.set_rule(await home.id("Ruled"), await home.library("Books"), "allow", by="ada")
    await home.membership.subscribe(await home.id("Paying"), None, TODAY, **home.here)
    await home.membership.subscribe(await home.id("Over"), None, YESTERDAY, **home.here)
    await home.membership.add_person(PersonBody(name="No account at all"), "ada")
    assert set((await home.book.without_libraries()).values()) == {"Zoe", "Idle"}
    await home.book.end(await home.id("Over"), YESTERDAY, approved=False, who="disable_expired_users")
    assert set((await home.book.without_libraries()).values()) == {"Zoe", "Idle", "Over"}
    await home.membership.suspend(await home.id("Idle"), "quarrel", **home.here)
    await home.membership.remove([await home.id("Over")], by="cleanup")
    assert set((await home.book.without_libraries()).values()) == {"Zoe"}
