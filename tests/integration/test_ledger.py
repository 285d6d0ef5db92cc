"""The ledger on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from shared.directory.effects import LedgerRow
from tests.support.household import AT, Household, open_household

JOB = "apply_plex_access"


@pytest.fixture
async def home(postgres: str, folder: Path) -> AsyncIterator[Household]:
    async with open_household(postgres, folder) as opened:
        await opened.server("Attic", {"Kim": ["Movies", "Shows"], "Mara": ["Movies"]})
        yield opened


def row(run: UUID, number: int, **more: Any) -> LedgerRow:
    usual = {"key": f"{run}/{number}", "run": run, "job": JOB, "number": number, "kind": "change", "target": "Kim"}
    return LedgerRow(**{**usual, **more})


async def states(home: Household, run: UUID) -> list[str]:
    return [found.state for found in await home.ledger.of_run(run)]


async def test_a_key_is_written_once_and_keeps_its_row(home: Household) -> None:
    run = uuid4()
    first = row(run, 2, why="plan Family", before={"libraries": [1]}, after={"libraries": []}, person_id=uuid4())
    await home.ledger.write([first])
    await home.ledger.write([row(run, 1), structs.replace(first, target="Somebody else", before=None)])
    one, two = await home.ledger.of_run(run)
    assert (one.number, one.before, one.state) == (1, None, "planned")
    assert structs.replace(two, planned_at=None) == first


async def test_a_row_is_claimed_by_one(home: Household) -> None:
    run = uuid4()
    await home.ledger.write([row(run, 1), row(run, 2, state="held")])
    claims = await asyncio.gather(*(home.ledger.claim(f"{run}/1") for _ in range(4)))
    assert sorted(claims) == [False, False, False, True]
    assert not await home.ledger.claim(f"{run}/2")
    assert not await home.ledger.claim("nothing")


async def test_a_closed_row_stays_as_it_was_closed(home: Household) -> None:
    run = uuid4()
    await home.ledger.write([row(run, 1)])
    assert await home.ledger.close(f"{run}/1", "skipped", "decided otherwise meanwhile")
    assert not await home.ledger.close(f"{run}/1", "done")
    assert not await home.ledger.claim(f"{run}/1")
    (found,) = await home.ledger.of_run(run)
    assert (found.state, found.detail) == ("skipped", "decided otherwise meanwhile")
    assert found.closed_at is not None


async def test_what_is_held_waits_until_its_run_is_approved(home: Household) -> None:
    run, other, by_run = uuid4(), uuid4(), uuid4()
    await home.ledger.write([row(run, 1), row(run, 2, state="held"), row(other, 1, job="another", state="held")])
    assert [found.key for found in await home.ledger.held(JOB)] == [f"{run}/2"]
    assert await home.ledger.release(run, by_run) == 1
    assert await home.ledger.held(JOB) == []
    assert await states(home, run) == ["planned", "skipped"]
    assert str(by_run) in (await home.ledger.of_run(run))[1].detail
    assert await states(home, other) == ["held"]


async def test_what_was_undone_names_the_run_that_did_it(home: Household) -> None:
    run, by_run = uuid4(), uuid4()
    await home.ledger.write([row(run, 1), row(run, 2)])
    await home.ledger.mark_undone([f"{run}/2"], by_run)
    assert [found.undone_by for found in await home.ledger.of_run(run)] == [None, by_run]


async def test_a_change_that_is_done_is_observed_settled_told_and_troubles_nobody(home: Household) -> None:
    run, card, movies = uuid4(), await home.card("Kim"), await home.number("Movies")
    account_id = card.accounts[0].id
    await home.ledger.write([row(run, 1, person_id=card.id, before=["Movies", "Shows"], after=["Movies"], why="Basic")])
    await home.book.note_trouble(account_id, "no answer", AT)
    present = frozenset({movies})
    for expected in (True, False):
        done = await home.ledger.close_access(
            f"{run}/1", account_id, present, all_libraries=False, locked_by_us=False, state="active"
        )
        assert done is expected
    (holding,) = (await home.book.serving_of(account_id)).holdings
    assert holding.observed == holding.settled == present
    assert await home.book.trouble() == {}
    (event,) = await home.membership.events(card.id)
    assert (event.kind, event.who, event.note) == ("access", JOB, "Basic")
    assert (event.before, event.after) == (["Movies", "Shows"], ["Movies"])


async def test_an_account_that_was_locked_is_known_as_locked_by_us(home: Household) -> None:
    run, card = uuid4(), await home.card("Kim")
    account_id = card.accounts[0].id
    await home.ledger.write([row(run, 1)])
    await home.ledger.close_access(
        f"{run}/1", account_id, frozenset(), all_libraries=False, locked_by_us=True, state="disabled"
    )
    (holding,) = (await home.book.serving_of(account_id)).holdings
    assert holding.locked and holding.locked_by_us
    # Somebody has unlocked it on the server since.
    await home.book.note_look(account_id, frozenset(), all_libraries=False, state="active")
    await home.book.settle({account_id: frozenset()})
    (holding,) = (await home.book.serving_of(account_id)).holdings
    assert not holding.locked and not holding.locked_by_us


async def test_an_invitation_gives_a_wanted_account_its_name(home: Household) -> None:
    run, account_id = uuid4(), await wanted(home)
    await home.ledger.write([row(run, 1)])
    await home.ledger.close_access(
        f"{run}/1", account_id, frozenset(), all_libraries=False, locked_by_us=False, state="pending",
        outside_id="invited-7", share_id="7",
    )  # fmt: skip
    (holding,) = (await home.book.serving_of(account_id)).holdings
    assert (holding.outside_id, holding.state) == ("invited-7", "pending")
    assert (await home.card("Kim")).accounts[-1].state == "pending"


async def test_an_account_that_a_sync_has_seen_first_takes_the_wanted_ones_place(home: Household) -> None:
    run, account_id = uuid4(), await wanted(home)
    (cellar,) = [server for server in await home.directory.servers() if server.name == "Cellar"]
    await home.see(cellar, {"Zoe": ["Cartoons"], "Stranger": []})
    await home.ledger.write([row(run, 1)])
    await home.ledger.close_access(
        f"{run}/1", account_id, frozenset(), all_libraries=False, locked_by_us=False, state="pending",
        outside_id="Stranger",
    )  # fmt: skip
    assert [account.title for account in (await home.card("Kim")).accounts] == ["Kim", "Stranger"]
    assert (await home.card("Stranger")).accounts == ()


async def test_a_change_of_an_account_that_is_gone_is_still_closed(home: Household) -> None:
    run = uuid4()
    await home.ledger.write([row(run, 1)])
    done = await home.ledger.close_access(
        f"{run}/1", uuid4(), frozenset({1}), all_libraries=False, locked_by_us=False, outside_id="7"
    )
    assert done
    assert await states(home, run) == ["done"]


async def wanted(home: Household) -> UUID:
    """Kim is to be invited to another server."""
    cellar = await home.server("Cellar", {"Zoe": ["Cartoons"]})
    await home.pool.execute("UPDATE person SET email = 'kim@example.org' WHERE name = 'Kim'")
    return await home.membership.want_account(await home.id("Kim"), cellar.id, **home.here)
