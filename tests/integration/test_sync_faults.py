"""Servers that fail in the middle, lie by omission, or are gone: what is known of them stays as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from operator import methodcaller
from pathlib import Path

import pytest
from msgspec import structs

from services.workers.clients.clients import open_clients
from tests.simulators.base import Simulator
from tests.simulators.faults import Faults
from tests.simulators.household import make_household
from tests.support.town import HASTE, Town, town

SECTIONS, SECTION_ITEMS = "/library/sections", "/library/sections/*/all"
USERS, SHARES = "/api/users", "/api/servers/*/shared_servers"


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Town]:
    household = make_household(people=20, plex_servers=1, libraries=8)
    async with town(postgres, folder, household=household) as settled:
        yield settled


@dataclass(frozen=True)
class Case:
    """A fault of one simulator, and what is to be said of it."""

    who: str
    fault: Callable[[Faults], object]
    words: str

    def of(self, here: Town) -> Simulator:
        places: dict[str, Simulator] = {
            "plex": here.outside.plex[0],
            "plextv": here.outside.plextv,
            "jellyfin": here.outside.jellyfin[0],
        }
        return places[self.who]

    @property
    def sync(self) -> str:
        return "sync_jellyfin" if self.who == "jellyfin" else "sync_plex"


def cases(who: str, path: str, *, entries: str = "") -> dict[str, Case]:
    """What can go wrong with any request, and with a listing of `entries`."""
    found = {
        "500": Case(who, lambda faults: faults.answer(path, 500), "has trouble (status 500)"),
        "418": Case(who, lambda faults: faults.answer(path, 418), "refused (status 418)"),
        "401": Case(who, lambda faults: faults.answer(path, 401), "does not accept the token"),
        "redirected": Case(
            who,
            lambda faults: faults.answer(path, 302, headers={"Location": "http://elsewhere.example/?q=1"}),
            "sends us on to http://elsewhere.example/: enter that address instead",
        ),
        "truncated": Case(who, lambda faults: faults.truncate(path), "broke off in the middle"),
        "nonsense": Case(who, lambda faults: faults.answer(path, 200, body="<oops"), "answered with something"),
    }
    if entries:
        found["empty"] = Case(who, lambda faults: faults.empty(path), "")
        found["half"] = Case(who, lambda faults: faults.half(path), "")
    return {f"{who} {path} {name}": case for name, case in found.items()}


CASES = {
    **cases("plex", SECTIONS, entries="libraries"),
    **cases("plex", SECTION_ITEMS),
    **cases("plextv", "/api/v2/user"),
    **cases("plextv", USERS, entries="friends"),
    **cases("plextv", SHARES, entries="shares"),
    **cases("jellyfin", "/Library/VirtualFolders", entries="libraries"),
    **cases("jellyfin", "/Library/MediaFolders", entries="libraries"),
    **cases("jellyfin", "/Items"),
    **cases("jellyfin", "/Users", entries="users"),
    "plex half-way 500": Case("plex", lambda faults: faults.answer(SECTION_ITEMS, 500, after=2), "status 500"),
    "plex half-way gone": Case("plex", lambda faults: faults.truncate(SECTION_ITEMS, after=3, kept=0.0), "broke off"),
    "plex empty libraries": Case("plex", lambda faults: faults.empty(SECTION_ITEMS), "all its libraries are empty"),
    "plex nothing": Case("plex", lambda faults: faults.answer(SECTIONS, 200), "nothing at all"),
    "plextv not ours": Case("plextv", lambda faults: faults.answer(SHARES, 404), "not owned by the account"),
    "plextv hidden half of friends": Case("plextv", lambda faults: faults.hidden_half(USERS), "contradicts itself"),
    "plextv hidden half of shares": Case("plextv", lambda faults: faults.hidden_half(SHARES), "contradicts itself"),
    "jellyfin hidden half of users": Case("jellyfin", lambda faults: faults.hidden_half("/Users"), "left"),
    "jellyfin half-way 500": Case("jellyfin", lambda faults: faults.answer("/Items", 500, after=1), "status 500"),
    "jellyfin empty libraries": Case("jellyfin", lambda faults: faults.empty("/Items"), "all its libraries are empty"),
    "jellyfin no administrator": Case("jellyfin", lambda faults: faults.answer("/Users", 403), "does not allow"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_server_that_fails_changes_nothing(here: Town, case: Case) -> None:
    await here.run(case.sync)
    before = await here.contents()
    rebuild(here)
    case.fault(case.of(here).faults)
    failure, run = await here.fail(case.sync)
    assert case.words in failure.message
    assert not run.changes
    assert await here.contents() == before
    told_no_token(here, failure.message + run.said)
    case.of(here).faults.clear()
    result, run = await here.run(case.sync)
    assert "renamed" in result.summary, "what had changed meanwhile is seen now"


SILENCES = {
    f"{who} {path}": Case(who, methodcaller("hold", path), "did not answer")
    for who, path in [
        ("plex", "/identity"),
        ("plex", SECTION_ITEMS),
        ("plextv", SHARES),
        ("jellyfin", "/Library/VirtualFolders"),
        ("jellyfin", "/Users"),
    ]
}


@pytest.mark.parametrize("case", SILENCES.values(), ids=SILENCES.keys())
async def test_a_server_that_falls_silent_changes_nothing(here: Town, case: Case) -> None:
    await here.run(case.sync)
    before = await here.contents()
    rebuild(here)
    case.fault(case.of(here).faults)
    manners = structs.replace(HASTE, patience=0.3)
    async with open_clients(
        plextv_url=here.outside.plextv.url, media_manners=manners, plextv_manners=manners
    ) as impatient:
        failure, _ = await replace(here, clients=impatient).fail(case.sync)
    assert case.words in failure.message and failure.retry
    assert await here.contents() == before
    case.of(here).faults.clear()
    result, _ = await here.run(case.sync)
    assert "renamed" in result.summary


def rebuild(here: Town) -> None:
    """Change something at the beginning of every listing, so that a half-written sync would show."""
    machine, state = here.outside.plex[0].machine, here.outside.jellyfin[0].state
    for libraries in (machine.libraries, state.libraries):
        first = next(iter(libraries))
        libraries[first] = structs.replace(libraries[first], title="Rebuilt")  # type: ignore[index]


def told_no_token(here: Town, text: str) -> None:
    for secret in (here.outside.plex[0].owner_token, here.outside.jellyfin[0].state.api_key):
        assert secret not in text


async def test_trouble_that_passes_is_not_a_failure(here: Town) -> None:
    here.outside.plex[0].faults.answer(SECTION_ITEMS, 503, times=1)
    here.outside.plextv.faults.truncate(SHARES, times=1)
    here.outside.jellyfin[0].faults.answer("/Users", 429, times=1, headers={"Retry-After": "0"})
    for name in ("sync_plex", "sync_jellyfin"):
        result, _ = await here.run(name)
        assert result.outcome == "succeeded"


async def test_one_server_that_fails_stops_no_other(postgres: str, folder: Path) -> None:
    async with town(postgres, folder) as here:
        bad, good = here.outside.plex
        bad.faults.answer(SECTION_ITEMS, 500)
        failure, run = await here.fail("sync_plex")
        assert failure.retry
        assert failure.message.startswith("1 server: 8 libraries added")
        assert f"1 failed ({bad.machine.server.name} has trouble (status 500))" in failure.message
        assert any(level == "error" and bad.machine.server.name in line for level, line in run.lines)
        assert await here.directory.libraries((await here.server(good.machine.server.name)).id)
        assert not await here.directory.libraries((await here.server(bad.machine.server.name)).id)


async def test_a_token_that_is_refused_is_not_tried_again(here: Town) -> None:
    here.outside.plex[0].faults.answer(SECTIONS, 401)
    failure, _ = await here.fail("sync_plex")
    assert not failure.retry
    assert here.outside.plex[0].requests.count("GET", SECTIONS) == 1


async def test_everybody_leaving_is_believed_when_a_person_says_so(here: Town) -> None:
    await here.run("sync_plex")
    state = here.outside.plextv.state
    for owner, person in list(state.friendships):
        state.unfriend(owner, person)
    for share in list(state.shares):
        del state.shares[share]
    failure, _ = await here.fail("sync_plex")
    assert "lists nobody but its owner" in failure.message
    result, _ = await here.run("sync_plex", believe_empty=True)
    assert "removed" in result.summary


async def test_another_server_at_the_address_is_not_taken_for_it(postgres: str, folder: Path) -> None:
    async with town(postgres, folder) as here:
        await here.run("sync_plex")
        before = await here.contents()
        first, second = here.outside.plex
        await here.pool.execute("UPDATE server SET url = $1 WHERE url = $2", second.url, first.url)
        before |= {"server": (await here.contents())["server"]}
        failure, _ = await here.fail("sync_plex")
        assert f"Another server than {first.machine.server.name} answers" in failure.message
        assert await here.contents() == before
