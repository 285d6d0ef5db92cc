"""Who has access no more, who is invited, who is put aside: the jobs that decide, beside those that carry it out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.access.terms import AccessPolicy
from shared.directory.subscribers import PersonBody, PlanBody
from tests.support.office import WHO, Office, office

EXPIRE, APPLY, STATES, TIDY = (
    "disable_expired_users",
    "apply_plex_access",
    "update_user_status",
    "cleanup_users_without_libraries",
)


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Office]:
    async with office(postgres, folder) as opened:
        yield opened


@pytest.mark.parametrize(
    ("mode", "days_left", "outcome", "ended"),
    [
        ("off", -9, "skipped", False),
        ("warn", -9, "succeeded", False),
        ("disable", -1, "succeeded", True),
        ("disable", 0, "succeeded", False),
        ("warn_then_disable", -7, "succeeded", False),
        ("warn_then_disable", -8, "succeeded", True),
    ],
)
async def test_access_ends_as_the_settings_have_it(
    here: Office, mode: str, days_left: int, outcome: str, ended: bool
) -> None:
    await here.set(on_expiry=mode)
    (account, *_) = await here.guests(here.plex_name)
    await here.subscribe(account, days_left=days_left)
    result, run = await here.town.run(EXPIRE)
    assert result.outcome == outcome
    if mode == "warn":
        assert "1 person is past their last day" in result.summary and account.title in result.summary
    card = await here.card(account)
    assert card.subscription is not None and card.subscription.ended is ended
    assert [change.action for change in run.changes] == ["access ended"] * ended
    await here.apply()
    assert (account.outside_id in here.on_plex()) is not ended


async def test_too_many_ends_wait_for_approval_and_then_count_no_more(postgres: str, folder: Path) -> None:
    async with office(postgres, folder, policy=AccessPolicy()) as here:
        guests = await here.guests(here.plex_name)
        await here.subscribe(*guests, days_left=-1)
        result, run = await here.town.run(EXPIRE)
        assert result.outcome == "held" and f"access of {len(guests)} people" in result.summary
        assert guests[0].title in result.summary
        later, _ = await here.town.run(EXPIRE)
        assert later.outcome == "succeeded" and f"(run {run.id})" in later.summary
        await here.apply()
        assert here.changes() == []
        renewed = guests[0]
        await here.renew(renewed)
        approved, _ = await here.town.run(EXPIRE, approves=run.id)
        assert approved.summary == f"{len(guests) - 1} people changed"
        result, _ = (await here.apply())[APPLY]
        assert result.outcome == "succeeded", "an end that was approved needs no second approval"
        assert {account.outside_id for account in guests} & here.on_plex().keys() == {renewed.outside_id}


async def test_an_end_that_is_undone_is_spared(here: Office) -> None:
    (account, *_) = await here.guests(here.plex_name)
    before = here.on_plex()
    await here.subscribe(account, days_left=-1)
    _, run = await here.town.run(EXPIRE)
    await here.apply()
    result, _ = await here.town.run(EXPIRE, undoes=run.id)
    assert result.summary == "1 person changed"
    for _ in range(2):
        await here.apply()
        assert here.on_plex() == before
        result, _ = await here.town.run(EXPIRE)
        assert result.summary == "nothing to do"


async def test_states_follow_the_calendar(here: Office) -> None:
    await here.town.run(STATES)
    guests = (await here.guests(here.plex_name))[:4]
    for account, days in zip(guests, (90, 30, 7, -1), strict=True):
        await here.subscribe(account, days_left=90)
        await here.town.pool.execute(
            "UPDATE subscription SET expires_on = $2 WHERE person_id = $1",
            account.person_id,
            here.today + timedelta(days=days),
        )
    rehearsal, run = await here.town.run(STATES, dry_run=True)
    assert [(change.before, change.after) for change in run.changes] and not run.states
    assert {(await here.card(account)).state for account in guests} == {"active"}
    result, run = await here.town.run(STATES)
    assert result.summary == rehearsal.summary == "3 people changed: 1 expired, 1 pre_expired, 1 reminder"
    assert [(await here.card(account)).state for account in guests] == ["active", "pre_expired", "reminder", "expired"]
    assert set(run.states.values()) == {"done"}
    result, _ = await here.town.run(STATES)
    assert result.summary == "nothing to do"


async def test_who_has_nothing_is_put_aside_and_comes_back(here: Office) -> None:
    await here.town.run(TIDY)
    alone = [found for found in await here.guests(here.plex_name) if len((await here.card(found)).accounts) == 1]
    account = alone[0]
    share = next(s for s in here.town.outside.plex_state.shares.values() if str(s.person) == account.outside_id)
    del here.town.outside.plex_state.shares[share.id]
    await here.sync()
    _, run = await here.town.run(TIDY, dry_run=True)
    assert [change.target for change in run.changes] == [account.title]
    assert (await here.card(account)).state != "removed"
    result, run = await here.town.run(TIDY)
    assert result.summary == "1 person changed"
    assert (await here.card(account)).state == "removed"
    await here.town.run(TIDY, undoes=run.id)
    assert (await here.card(account)).state == "active"
    await here.town.run(TIDY)
    here.town.outside.plex_state.shares[share.id] = share
    await here.sync()
    await here.town.run(STATES)
    assert (await here.card(account)).state == "active"
    assert here.changes() == []


async def test_an_invitation_is_sent_accepted_and_takes_its_place(here: Office) -> None:
    server = await here.town.server(here.plex_name)
    libraries = await here.town.directory.libraries(server.id)
    plan = await here.tools.membership.add_plan(
        PlanBody(name="Family", days=30, libraries=tuple(library.id for library in libraries[:2]))
    )
    person = await here.tools.membership.add_person(PersonBody(name="Robin", email="robin@example.org"), WHO)
    policy = await here.tools.preferences.access()
    await here.tools.membership.subscribe(person.id, plan.id, by=WHO, today=here.today, policy=policy)
    await here.tools.membership.want_account(person.id, server.id, by=WHO, today=here.today, policy=policy)
    assert (await here.tools.membership.card(person.id)).state == "invited"

    result, run = await here.town.run(APPLY)
    (change,) = run.changes
    assert (change.action, change.target) == ("invited", f"Robin on {here.plex_name}")
    assert change.why.startswith("plan Family, until ")
    (account,) = (await here.tools.membership.card(person.id)).accounts
    assert account.state == "pending"
    result, _ = await here.town.run(APPLY)
    assert result.summary == "nothing to do"

    state = here.town.outside.plex_state
    guest = state.find_person("robin@example.org")
    assert guest is not None
    guest = state.sign_up(guest.id, username="robin")
    state.accept(here.town.outside.plex[0].machine.server.owner, guest.id)
    await here.sync()
    await here.town.run(STATES)
    result, _ = await here.town.run(APPLY)
    assert result.summary == "nothing to do"
    card = await here.tools.membership.card(person.id)
    assert card.state in ("active", "pre_expired") and [found.state for found in card.accounts] == ["active"]
    assert here.on_plex()[str(guest.id)] == frozenset(int(library.outside_id) for library in libraries[:2])
    assert [what for what, _ in here.changes()] == ["share.created"]


async def test_an_invitation_that_is_undone_is_withdrawn(here: Office) -> None:
    server = await here.town.server(here.plex_name)
    libraries = await here.town.directory.libraries(server.id)
    person = await here.tools.membership.add_person(PersonBody(name="Robin", email="robin@example.org"), WHO)
    policy = await here.tools.preferences.access()
    await here.tools.membership.want_account(person.id, server.id, by=WHO, today=here.today, policy=policy)
    result, _ = await here.town.run(APPLY)
    assert result.summary == "nothing to do", "an invitation to nothing is not sent"
    await here.tools.membership.set_rule(person.id, libraries[0].id, "allow", by=WHO)
    _, run = await here.town.run(APPLY)
    result, _ = await here.town.run(APPLY, undoes=run.id)
    assert result.summary == "1 person changed"
    assert [what for what, _ in here.changes()] == ["share.created", "share.deleted"]
    result, _ = await here.town.run(APPLY)
    assert result.summary == "nothing to do"
