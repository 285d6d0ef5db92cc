"""People, their rules, accounts and invitations, and two who become one, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.directory.effects import LedgerRow
from shared.directory.errors import (
    Clash,
    NoSuchAccount,
    NoSuchLibrary,
    NoSuchPerson,
    NoSuchServer,
    NotInvitable,
)
from shared.directory.subscribers import PeopleQuery, PersonBody, PersonCard, PersonEdit, PlanBody
from tests.support.household import TODAY, Household, open_household


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        await opened.server("Attic", {"Kim": ["Movies", "Shows"], "Mara": ["Movies"], "Zoe": []})
        yield opened


async def names(home: Household, **query: Any) -> list[str]:
    asked = PeopleQuery(**query)
    cards = await home.membership.cards(asked)
    assert await home.membership.count(asked) >= len(cards)
    return [card.name for card in cards]


async def test_a_person_is_kept_as_they_are_told_of(home: Household) -> None:
    body = PersonBody(name="Ann", email="ann@example.org", second_email="a@b", language="fr", notes="pays late")
    added = await home.membership.add_person(body, "ada")
    assert (added.name, added.email, added.second_email, added.language, added.notes) == (
        "Ann", "ann@example.org", "a@b", "fr", "pays late"
    )  # fmt: skip
    assert (added.state, added.managed, added.subscription, added.accounts) == ("active", False, None, ())
    edited = await home.membership.edit_person(added.id, PersonEdit(notes="", language="de"), "ben")
    assert (edited.name, edited.language, edited.notes) == ("Ann", "de", "")
    assert await home.membership.edit_person(added.id, PersonEdit(language="de"), "ben") == edited
    event, first = await home.membership.events(added.id)
    assert (first.kind, first.who, first.before, first.after["name"]) == ("added", "ada", None, "Ann")
    assert (event.kind, event.who, event.before["notes"], event.after["notes"]) == ("edited", "ben", "pays late", "")


async def test_a_card_shows_accounts_on_all_servers(home: Household) -> None:
    await home.server("Cellar", {"Kim": ["Cartoons"]})
    card = await home.card("Kim")
    assert [
        (account.server, account.kind, account.role, account.state, account.libraries) for account in card.accounts
    ] == [
        ("Attic", "plex", "friend", "active", 2),
        ("Cellar", "plex", "friend", "active", 1),
    ]
    assert await home.membership.card(card.id) == card


async def test_people_are_found_by_all_that_is_known_of_them(home: Household) -> None:
    await home.membership.edit_person(
        await home.id("Mara"), PersonEdit(email="MARA@example.org", notes="50%_off"), "ada"
    )
    await home.membership.edit_person(await home.id("Zoe"), PersonEdit(second_email="z@second"), "ada")
    assert await names(home) == ["Kim", "Mara", "Zoe"]
    assert await names(home, text="kIM") == ["Kim"]
    assert await names(home, text="mara@EXAMPLE") == ["Mara"]
    assert await names(home, text="second") == ["Zoe"]
    assert await names(home, text=" zoe_1 ") == ["Zoe"]
    assert await names(home, text="50%_OFF") == ["Mara"]
    assert await names(home, text="_") == ["Kim", "Mara", "Zoe"], "usernames have it"
    assert await names(home, text="%") == ["Mara"]
    assert await names(home, text="k%m") == []
    assert await names(home, text="\\") == []


async def test_people_are_filtered_by_state_plan_and_server(home: Household) -> None:
    plan = await home.membership.add_plan(PlanBody(name="Family", days=300))
    await home.membership.subscribe(await home.id("Mara"), plan.id, **home.here)
    await home.membership.suspend(await home.id("Kim"), "quarrel", **home.here)
    attic = await home.directory.servers()
    cellar = await home.server("Cellar", {"Ann": ["Cartoons"], "Zoe": ["Cartoons"]})
    assert await names(home, state="suspended") == ["Kim"]
    assert await names(home, plan=plan.id) == ["Mara"]
    assert await names(home, server=cellar.id) == ["Ann", "Zoe"]
    assert await names(home, server=attic[0].id, text="a") == ["Mara"]
    await home.see(cellar, {"Ann": ["Cartoons"]})
    assert await names(home, server=cellar.id) == ["Ann"]


async def test_pages_of_people_hold_everybody_once(home: Household) -> None:
    await home.server("Cellar", {f"p{number}": [] for number in range(25)} | {"Ann": ["Cartoons"]}, title="Same name")
    found: list[PersonCard] = []
    while page := await home.membership.cards(PeopleQuery(limit=10, after=found[-1].id if found else None)):
        found += page
    assert len({card.id for card in found}) == len(found) == 29 == await home.membership.count(PeopleQuery(limit=10))


async def test_pages_of_events_hold_each_once(home: Household) -> None:
    kim = await home.id("Kim")
    for number in range(7):
        await home.membership.edit_person(kim, PersonEdit(notes=str(number)), "ada")
    found = await home.membership.events(kim, limit=3)
    while page := await home.membership.events(kim, after=found[-1].id, limit=3):
        found += page
    assert [event.after["notes"] for event in found] == ["6", "5", "4", "3", "2", "1", "0"]


async def test_whoever_is_not_there_is_an_error(home: Household) -> None:
    nobody, movies = uuid4(), await home.library("Movies")
    for attempt in (
        home.membership.card(nobody),
        home.membership.edit_person(nobody, PersonEdit(name="x"), "ada"),
        home.membership.suspend(nobody, "", **home.here),
        home.membership.unsuspend(nobody, **home.here),
        home.membership.set_rule(nobody, movies, "allow", by="ada"),
        home.membership.subscribe(nobody, None, **home.here),
        home.membership.merge(await home.id("Kim"), nobody, **home.here),
        home.membership.assign_account((await home.card("Kim")).accounts[0].id, nobody, **home.here),
        home.membership.remove([nobody], by="ada"),
        home.membership.bring_back([nobody], **home.here),
    ):
        with pytest.raises(NoSuchPerson):
            await attempt


async def test_the_first_rule_lets_a_person_keep_what_they_have(home: Household) -> None:
    kim, movies = await home.id("Kim"), await home.library("Movies")
    await home.membership.set_rule(kim, movies, None, by="ada")
    assert not (await home.card("Kim")).managed, "nothing was decided"
    await home.membership.set_rule(kim, movies, "deny", "too young", by="ada")
    assert await home.rules("Kim") == {"Movies": "deny", "Shows": "allow"}
    rule = next(rule for rule in await home.membership.rules(kim) if rule.library_id == movies)
    assert (rule.origin, rule.who, rule.note) == ("person", "ada", "too young")
    await home.membership.set_rule(kim, movies, "deny", "still too young", by="ben")
    await home.membership.set_rule(kim, movies, None, by="ben")
    assert await home.rules("Kim") == {"Shows": "allow"}
    assert await home.happened("Kim") == ["managed", "rule", "rule", "rule"]
    with pytest.raises(NoSuchLibrary):
        await home.membership.set_rule(kim, uuid4(), "allow", by="ada")


async def test_what_an_owner_has_becomes_no_rule(home: Household) -> None:
    await home.server("Cellar", {"Owner": ["Cartoons"]}, role="owner")
    await home.membership.suspend(await home.id("Owner"), "", **home.here)
    assert await home.rules("Owner") == {}


async def test_a_suspension_keeps_all_else_and_can_be_taken_back(home: Household) -> None:
    kim = await home.id("Kim")
    await home.membership.suspend(kim, "quarrel", **home.here)
    await home.membership.suspend(kim, "quarrel", **home.here)
    card = await home.card("Kim")
    assert (card.state, card.suspended_why, card.managed) == ("suspended", "quarrel", True)
    assert (await home.book.subscriber(kim)).suspended
    await home.membership.unsuspend(kim, **home.here)
    card = await home.card("Kim")
    assert (card.state, card.suspended_why) == ("active", "")
    assert await home.rules("Kim") == {"Movies": "allow", "Shows": "allow"}
    assert await home.happened("Kim") == ["managed", "suspended", "state", "unsuspended", "state"]


async def test_two_become_one_and_nothing_is_lost(home: Household) -> None:
    cellar = await home.server("Cellar", {"Kim at home": ["Cartoons"]}, kind="jellyfin", role="user")
    kim, other = await home.id("Kim"), await home.id("Kim at home")
    moved = (await home.card("Kim at home")).accounts[0]
    cartoons = await home.number("Cartoons")
    await home.book.settle({moved.id: frozenset({cartoons})})
    await home.membership.edit_person(kim, PersonEdit(email="kim@example.org", notes="one"), "ada")
    await home.membership.edit_person(other, PersonEdit(email="k@home", language="fr", notes="two"), "ada")
    await home.membership.subscribe(kim, None, TODAY + timedelta(days=100), **home.here)
    run = uuid4()
    await home.ledger.write(
        [LedgerRow(key="1", run=run, job="x", number=1, kind="change", target="Kim", person_id=other)]
    )
    card = await home.membership.merge(kim, other, **home.here)
    assert [account.server for account in card.accounts] == ["Attic", "Cellar"]
    assert (card.name, card.email, card.second_email) == ("Kim", "kim@example.org", "k@home")
    assert (card.language, card.notes, card.managed) == ("fr", "one\ntwo", True)
    assert card.subscription is not None
    assert await home.rules("Kim") == {"Movies": "allow", "Shows": "allow", "Cartoons": "allow"}
    (holding,) = (await home.book.servings(cellar.id)).holdings
    assert holding.person_id == kim and holding.observed == holding.settled == frozenset({cartoons})
    assert (await home.ledger.of_run(run))[0].person_id == kim
    assert (await home.event("Kim", "merged")).before["name"] == "Kim at home"
    assert "edited" in await home.happened("Kim")
    with pytest.raises(NoSuchPerson):
        await home.membership.card(other)


async def test_what_clashes_is_not_merged(home: Household) -> None:
    kim, mara, zoe = await home.id("Kim"), await home.id("Mara"), await home.id("Zoe")
    with pytest.raises(Clash, match="themselves"):
        await home.membership.merge(kim, kim, **home.here)
    for person_id in (kim, mara):
        await home.membership.subscribe(person_id, None, TODAY, keep_present=False, **home.here)
    with pytest.raises(Clash, match="Both have a subscription"):
        await home.membership.merge(kim, mara, **home.here)
    await home.membership.set_rule(kim, await home.library("Shows"), "deny", by="ada")
    await home.membership.set_rule(zoe, await home.library("Shows"), "allow", by="ada")
    await home.membership.suspend(zoe, "quarrel", **home.here)
    card = await home.membership.merge(kim, zoe, **home.here)
    assert await home.rules("Kim") == {"Shows": "deny"}, "what is said of whom they become holds"
    assert (card.state, card.suspended_why) == ("suspended", "quarrel")


async def test_a_merge_with_somebody_undecided_decides_nothing(home: Household) -> None:
    card = await home.membership.merge(await home.id("Kim"), await home.id("Mara"), **home.here)
    assert not card.managed
    assert await home.rules("Kim") == {}


async def test_an_account_that_nobody_has_decided_about_brings_what_it_has(home: Household) -> None:
    await home.membership.suspend(await home.id("Zoe"), "", **home.here)
    kim, zoe = await home.card("Kim"), await home.id("Zoe")
    await home.membership.assign_account(kim.accounts[0].id, zoe, **home.here)
    assert [account.title for account in (await home.card("Zoe")).accounts] == ["Kim", "Zoe"]
    assert (await home.card("Kim")).accounts == ()
    assert await home.rules("Zoe") == {"Movies": "allow", "Shows": "allow"}
    assert (await home.event("Kim", "account_moved")).before == {"account": "Kim", "server": "Attic"}
    assert (await home.event("Zoe", "account_moved")).after == {"account": "Kim", "server": "Attic"}
    count = len(await home.membership.events(zoe))
    await home.membership.assign_account(kim.accounts[0].id, zoe, **home.here)
    assert len(await home.membership.events(zoe)) == count
    with pytest.raises(NoSuchAccount):
        await home.membership.assign_account(uuid4(), zoe, **home.here)


async def test_a_server_that_goes_takes_what_was_decided_about_it_and_leaves_what_was_done(home: Household) -> None:
    cellar = await home.server("Cellar", {"Ann": ["Cartoons"]})
    kim, run = await reachable(home, "Kim"), uuid4()
    account = await home.membership.want_account(kim, cellar.id, **home.here)
    cartoons = await home.library("Cartoons")
    await home.membership.set_rule(kim, cartoons, "always", by="ada")
    plan = await home.membership.add_plan(PlanBody(name="Family", libraries=(cartoons, await home.library("Movies"))))
    await home.book.settle({account: frozenset()})
    row = LedgerRow(key="1", run=run, job="x", number=1, kind="change", target="Kim", person_id=kim, account_id=account)
    await home.ledger.write([row])
    await home.directory.remove_server(cellar.id)
    assert [found.server for found in (await home.card("Kim")).accounts] == ["Attic"]
    assert await home.rules("Kim") == {"Movies": "allow", "Shows": "allow"}
    assert (await home.membership.plan(plan.id)).libraries == (await home.library("Movies"),)
    assert [found.account_id for found in await home.ledger.of_run(run)] == [account]
    assert (await home.event("Kim", "rule")).after == {"Cartoons (Cellar)": "always"}


async def reachable(home: Household, name: str) -> UUID:
    """The person, with an e-mail address."""
    person_id = await home.id(name)
    await home.membership.edit_person(person_id, PersonEdit(email=f"{name}@example.org"), "ada")
    return person_id


async def test_a_person_is_wanted_on_a_server_and_is_not(home: Household) -> None:
    cellar = await home.server("Cellar", {"Ann": ["Cartoons"]})
    kim = await reachable(home, "Kim")
    account = await home.membership.want_account(kim, cellar.id, **home.here)
    (holding,) = (await home.book.serving_of(account)).holdings
    assert (holding.state, holding.email, holding.title, holding.role) == ("wanted", "Kim@example.org", "Kim", "friend")
    assert holding.outside_id.startswith("wanted-")
    card = await home.card("Kim")
    assert card.managed and card.state == "active" and len(card.accounts) == 2
    with pytest.raises(NotInvitable, match="has an account on Cellar already"):
        await home.membership.want_account(kim, cellar.id, **home.here)
    await home.membership.unwant_account(account, **home.here)
    assert len((await home.card("Kim")).accounts) == 1
    with pytest.raises(NoSuchAccount):
        await home.membership.unwant_account(account, **home.here)
    with pytest.raises(NoSuchAccount):
        await home.membership.unwant_account(card.accounts[0].id, **home.here)
    assert (await home.happened("Kim"))[-2:] == ["invited", "uninvited"]


async def test_who_can_not_be_invited_is_told_why(home: Household) -> None:
    (attic,) = await home.directory.servers()
    jellyfin = await home.server("Cellar", {"Ann": ["Cartoons"]}, kind="jellyfin")
    plex = await home.server("Loft", {"Ben": ["Books"]})
    kim = await reachable(home, "Kim")
    for person_id, server_id, error, words in (
        (kim, jellyfin.id, NotInvitable, "Jellyfin"),
        (kim, attic.id, NotInvitable, "already"),
        (await home.id("Mara"), plex.id, NotInvitable, "no e-mail"),
        (kim, uuid4(), NoSuchServer, "no server"),
    ):
        with pytest.raises(error, match=words):
            await home.membership.want_account(person_id, server_id, **home.here)


async def test_whoever_comes_back_is_whom_they_were(home: Household) -> None:
    (attic,) = await home.directory.servers()
    kim = await reachable(home, "Kim")
    before = (await home.card("Kim")).accounts[0]
    await home.see(attic, {"Mara": ["Movies", "Shows"]})
    account = await home.membership.want_account(kim, attic.id, **home.here)
    assert account == before.id
    assert (await home.card("Kim")).state == "invited"
    await home.membership.unwant_account(account, **home.here)
    assert [found.state for found in (await home.card("Kim")).accounts] == ["removed"]
    await home.membership.want_account(kim, attic.id, **home.here)
    await home.see(attic, {"Mara": ["Movies", "Shows"], "Kim": ["Shows"]})
    assert [(found.id, found.state) for found in (await home.card("Kim")).accounts] == [(account, "active")]
