"""Access on simulated servers follows what is decided: it ends, comes back, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.office import APPLY, Office, office


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Office]:
    async with office(postgres, folder) as opened:
        yield opened


async def test_on_a_fresh_install_nothing_is_touched_and_nobody_asked(here: Office) -> None:
    for simulator in here.simulators:
        simulator.requests.clear()
    for result, run in (await here.apply()).values():
        assert (result.outcome, result.summary) == ("succeeded", "nothing to do")
        assert run.changes == []
    assert here.changes() == []
    assert all(simulator.requests.count() == 0 for simulator in here.simulators)


async def test_access_ends_and_comes_back_as_it_was(here: Office) -> None:
    plex, jellyfin = await here.guests(here.plex_name), await here.guests(here.jellyfin_name)
    before = here.on_plex(), here.on_jellyfin()
    await here.subscribe(*plex, *jellyfin, days_left=-1)
    await here.town.run("disable_expired_users")
    for result, run in (await here.apply()).values():
        assert "changed" in result.summary, result.summary
        assert set(run.states.values()) == {"done"}
        assert run.shares[-1] == 1.0
        assert all("ended on" in change.why for change in run.changes)
    assert not {account.outside_id for account in plex} & here.on_plex().keys()
    for account in jellyfin:
        policy = here.on_jellyfin()[account.outside_id]
        assert (policy["EnableAllFolders"], policy["EnabledFolders"]) == (False, [])
    for account in {account.person_id: account for account in (*plex, *jellyfin)}.values():
        await here.renew(account)
    for result, run in (await here.apply()).values():
        assert result.outcome == "succeeded"
        assert {change.action for change in run.changes} == {"access given"}
    assert (here.on_plex(), here.on_jellyfin()) == before
    await here.sync()
    for result, _ in (await here.apply()).values():
        assert result.summary == "nothing to do"
    touched = {subject for _, subject in here.changes()}
    assert touched == {account.outside_id for account in (*plex, *jellyfin)}


async def test_the_last_day_itself_counts(here: Office) -> None:
    (account, *_) = await here.guests(here.plex_name)
    await here.subscribe(account, days_left=0)
    result, _ = await here.town.run("disable_expired_users")
    assert result.summary == "nothing to do"
    await here.apply()
    assert here.changes() == []


async def test_a_rule_gives_and_takes_one_library(here: Office) -> None:
    account = next(found for found in await here.guests(here.plex_name) if not found.all_libraries)
    has = set(await here.town.directory.access(account.id))
    server = await here.town.server(here.plex_name)
    libraries = {library.id: int(library.outside_id) for library in await here.town.directory.libraries(server.id)}
    taken, given = next(iter(has)), next(iter(libraries.keys() - has))
    await here.rule(account, taken, "deny")
    await here.rule(account, given, "allow")
    before = here.on_plex()[account.outside_id] or frozenset()
    _, run = (await here.apply())["apply_plex_access"]
    (change,) = run.changes
    assert change.action == "access changed"
    assert change.target == f"{account.title} on {here.plex_name}"
    assert set(change.why.split("; ")) == {"allowed as an exception", "denied as an exception"}
    assert here.on_plex()[account.outside_id] == (before - {libraries[taken]}) | {libraries[given]}
    assert here.changes() == [("share.updated", account.outside_id)]


async def test_what_was_done_by_hand_is_kept_as_an_exception(here: Office) -> None:
    state = here.town.outside.jellyfin[0].state
    account = next(
        found
        for found in await here.guests(here.jellyfin_name)
        if not found.all_libraries
        and len(here.on_jellyfin()[found.outside_id]["EnabledFolders"]) < len(state.libraries)
    )
    await here.subscribe(account, days_left=90)
    await here.apply()
    had = here.on_jellyfin()[account.outside_id]["EnabledFolders"]
    gone, new = had[0], next(key for key in state.libraries if key not in had)
    state.users[account.outside_id].policy["EnabledFolders"] = [*had[1:], new]
    await here.sync()
    result, run = (await here.apply())["apply_jellyfin_access"]
    (change,) = run.changes
    assert change.why == f"changed by hand on {here.jellyfin_name}: kept as an exception"
    assert result.summary == "1 person changed"
    titles = {key: library.title for key, library in state.libraries.items()}
    rules = await here.rules(account)
    assert rules[titles[gone]] == ("deny", "by_hand")
    assert rules[titles[new]] == ("allow", "by_hand")
    assert here.changes() == []
    result, _ = (await here.apply())["apply_jellyfin_access"]
    assert result.summary == "nothing to do"


async def test_what_was_done_by_hand_is_changed_back_if_the_settings_say_so(here: Office) -> None:
    account = next(found for found in await here.guests(here.jellyfin_name) if not found.all_libraries)
    await here.set(hand_edits="revert")
    await here.subscribe(account, days_left=90)
    await here.apply()
    user = here.town.outside.jellyfin[0].state.users[account.outside_id]
    before = set(here.on_jellyfin()[account.outside_id]["EnabledFolders"])
    user.policy["EnabledFolders"] = []
    await here.sync()
    _, run = (await here.apply())["apply_jellyfin_access"]
    (change,) = run.changes
    assert change.why == f"changed by hand on {here.jellyfin_name}: changed back"
    assert set(here.on_jellyfin()[account.outside_id]["EnabledFolders"]) == before


async def test_a_suspended_person_has_nothing_until_they_are_suspended_no_more(here: Office) -> None:
    (account, *_) = await here.guests(here.plex_name)
    before = here.on_plex()
    await here.suspend(account)
    _, run = (await here.apply())["apply_plex_access"]
    assert [change.why for change in run.changes] == ["suspended"]
    assert account.outside_id not in here.on_plex()
    await here.suspend(account, again=False)
    await here.apply()
    assert here.on_plex() == before


async def test_a_jellyfin_user_is_locked_out_and_let_in_again(here: Office) -> None:
    await here.set(lock_on_jellyfin=True)
    (account, *_) = await here.guests(here.jellyfin_name)
    before = here.on_jellyfin()
    await here.subscribe(account, days_left=-1)
    await here.town.run("disable_expired_users")
    await here.apply()
    assert here.on_jellyfin()[account.outside_id]["IsDisabled"] is True
    result, _ = (await here.apply())["apply_jellyfin_access"]
    assert result.summary == "nothing to do"
    await here.renew(account)
    await here.apply()
    assert here.on_jellyfin() == before


async def test_owners_and_administrators_are_never_touched(here: Office) -> None:
    for name in (here.plex_name, here.jellyfin_name):
        server = await here.town.server(name)
        found = await here.town.directory.accounts(server.id, limit=1000)
        rulers = [account for account in found if account.role in ("owner", "admin")]
        assert rulers
        await here.subscribe(*rulers, days_left=-1, keep=False)
        for ruler in rulers:
            await here.suspend(ruler)
    await here.town.run("disable_expired_users")
    for result, _ in (await here.apply()).values():
        assert result.summary == "nothing to do"
    assert here.changes() == []


async def test_who_became_an_administrator_since_the_last_sync_is_not_touched(here: Office) -> None:
    (account, *_) = await here.guests(here.jellyfin_name)
    here.town.outside.jellyfin[0].state.users[account.outside_id].policy["IsAdministrator"] = True
    await here.suspend(account)
    result, run = (await here.apply())["apply_jellyfin_access"]
    assert result.outcome == "succeeded" and "is an administrator" in result.summary
    assert list(run.states.values()) == ["skipped"]
    result, run = (await here.apply())["apply_jellyfin_access"]
    assert run.changes == [] and "left alone" in result.summary
    assert here.changes() == []


async def test_a_dry_run_shows_the_plan_and_touches_nothing(here: Office) -> None:
    await here.subscribe(*await here.guests(here.plex_name), days_left=-1)
    result, run = await here.town.run("disable_expired_users", dry_run=True)
    assert run.changes and "to change" in result.summary
    await here.town.run("disable_expired_users")
    rows = await here.town.pool.fetchval("SELECT count(*) FROM ledger")
    before = await here.town.contents()
    _, run = (await here.apply(dry_run=True))["apply_plex_access"]
    assert run.changes and not run.states
    assert await here.town.pool.fetchval("SELECT count(*) FROM ledger") == rows
    assert await here.town.contents() == before
    assert here.changes() == []


async def test_servers_that_are_down_or_disabled_are_left_out(here: Office) -> None:
    await here.subscribe(*await here.guests(here.plex_name), days_left=-1)
    await here.town.run("disable_expired_users")
    await here.town.outside.plex[0].go_down()
    await here.town.run("check_servers")
    result, _ = await here.town.run(APPLY[0])
    assert result.outcome == "skipped" and f"{here.plex_name} has been down since" in result.summary
    assert here.changes() == []
