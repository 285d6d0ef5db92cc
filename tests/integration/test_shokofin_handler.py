"""What every job of Shokofin gets from its handler: attempts that go on, servers that do not hold up each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from services.workers.door import JobFailed, Result, RunContext
from services.workers.shokofin.handler import OnEachServer
from services.workers.shokofin.places import Place
from services.workers.shokofin.work import NotNow, Planned, Step
from shared.directory.effects import LedgerRow
from shared.directory.records import NewServer, Server, ServerEdit, Sighting
from shared.outside.errors import OutsideError, Unreachable
from shared.runtime.secrets import Secret
from tests.support.anime import ATTIC, Anime, anime
from tests.support.recorded import RecordedRun
from tests.support.shoko import AT

JOB = "paint_fences"
BACK = {"paint": "strip", "strip": "paint"}


class Fences:
    """Paints fences; `trouble` is what happens at one. Shows which are painted, by server and name."""

    needs_library = False
    kinds: Mapping[str, str] = {"paint": "painted", "strip": "stripped"}

    def __init__(self, *names: str) -> None:
        self.names = names
        self.painted: list[str] = []
        self.trouble: dict[str, Exception] = {}

    async def plan(self, run: RunContext, place: Place) -> Planned:
        there = {f"{name} on {place.server.name}": name for name in self.names}
        return Planned(
            steps=[
                Step(kind="paint", target=name, why="it is bare", before="bare", after="green")
                for target, name in there.items()
                if target not in self.painted
            ]
        )

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        if row.target in self.trouble:
            raise self.trouble[row.target]
        if row.kind == "paint":
            self.painted.append(row.target)
        else:
            self.painted.remove(row.target)
        return ""

    def inverse(self, row: LedgerRow) -> Step | None:
        if row.target.startswith("iron"):
            return None
        return Step(kind=BACK[row.kind], target=row.target, why=row.why, before=row.after, after=row.before)


@pytest.fixture
async def here(postgres: str, folder: Path) -> AsyncIterator[Anime]:
    async with anime(postgres, folder) as opened:
        yield opened


async def paint(here: Anime, fences: Fences, run: RecordedRun | None = None) -> tuple[Result, RecordedRun]:
    """One attempt."""
    made = run or RecordedRun(JOB)
    return await OnEachServer(here.tools, fences)(made), made


async def fail(here: Anime, fences: Fences, run: RecordedRun | None = None) -> tuple[JobFailed, RecordedRun]:
    """One attempt that is expected to fail."""
    made = run or RecordedRun(JOB)
    with pytest.raises(JobFailed) as failed:
        await OnEachServer(here.tools, fences)(made)
    return failed.value, made


async def second_server(here: Anime, url: str = "") -> Server:
    """Another Jellyfin server; without an address of its own, it is the same one."""
    token = Secret(here.state.api_key)
    new = NewServer(kind="jellyfin", name="Cellar", url=url or here.jellyfin.url, token=token)
    return await here.tools.directory.add_server(new, Sighting(state="unknown"), AT)


async def test_a_server_that_is_away_keeps_the_steps_open_for_the_next_attempt(here: Anime) -> None:
    fences = Fences("north", "east", "south")
    fences.trouble["east on Attic"] = Unreachable("Attic did not answer")
    failure, run = await fail(here, fences)
    assert failure.message == "1 painted, 2 changes not reached; 1 failed (Attic did not answer)" and failure.retry
    fences.trouble.clear()
    result, _ = await paint(here, fences, RecordedRun(JOB, again=run))
    assert result.summary == "3 painted"
    assert sorted(fences.painted) == ["east on Attic", "north on Attic", "south on Attic"]


async def test_a_step_at_which_the_server_falls_silent_twice_keeps_the_others_out_no_longer(here: Anime) -> None:
    fences = Fences("north", "east", "south")
    fences.trouble["east on Attic"] = Unreachable("Attic did not answer")
    _, first = await fail(here, fences)
    failure, second = await fail(here, fences, RecordedRun(JOB, again=first))
    assert failure.message.startswith("1 painted, 1 change not reached, 1 failed (east on Attic: Attic did not answer)")
    failure, _ = await fail(here, fences, RecordedRun(JOB, again=second))
    assert failure.message == "2 painted, 1 failed (east on Attic: Attic did not answer)"
    assert not failure.retry


async def test_what_fails_for_good_is_not_tried_again(here: Anime) -> None:
    fences = Fences("north", "east")
    fences.trouble["north on Attic"] = OutsideError("it is too high", transient=False)
    failure, _ = await fail(here, fences)
    assert failure.message == "1 painted, 1 failed (north on Attic: it is too high)" and not failure.retry


async def test_what_is_no_longer_called_for_is_skipped(here: Anime) -> None:
    fences = Fences("north", "east")
    fences.trouble["north on Attic"] = NotNow("somebody else has painted it")
    result, run = await paint(here, fences)
    assert result.outcome == "succeeded"
    assert result.summary == "1 painted, 1 skipped (north on Attic: somebody else has painted it)"
    assert sorted(run.states.values()) == ["done", "skipped"]


async def test_a_server_that_can_not_be_reached_stops_no_other(here: Anime) -> None:
    await second_server(here, "http://127.0.0.1:9")
    failure, run = await fail(here, Fences("north"))
    assert failure.message.startswith("1 painted; 1 failed (Cellar can't be reached") and failure.retry
    fences = Fences("north")
    fences.painted = ["north on Attic"]
    failure, _ = await fail(here, fences, RecordedRun(JOB, again=run))
    assert failure.message.startswith("1 painted; 1 failed (Cellar")


async def test_the_undo_of_a_run_on_two_servers_goes_backwards_and_tells_what_stays(here: Anime) -> None:
    await second_server(here)
    fences = Fences("north", "iron gate")
    result, run = await paint(here, fences)
    assert result.summary == "4 painted"
    assert {change.target for change in run.changes} == {
        f"{name} on {server}" for name in ("north", "iron gate") for server in (ATTIC, "Cellar")
    }
    dry = RecordedRun(JOB, dry_run=True, undoes=run.id)
    result, _ = await paint(here, fences, dry)
    assert result.summary.startswith("2 changes planned; 2 changes can't be taken back (iron gate on ")
    result, undo = await paint(here, fences, RecordedRun(JOB, undoes=run.id))
    assert result.summary.startswith("2 stripped; 2 changes can't be taken back")
    assert sorted(fences.painted) == ["iron gate on Attic", "iron gate on Cellar"]
    result, _ = await paint(here, fences, RecordedRun(JOB, undoes=undo.id))
    assert result.summary == "2 painted" and len(fences.painted) == 4


async def test_steps_on_a_server_that_is_disabled_meanwhile_are_given_up(here: Anime) -> None:
    cellar = await second_server(here)
    fences = Fences("north")
    fences.trouble["north on Cellar"] = Unreachable("Cellar did not answer")
    _, run = await fail(here, fences)
    await here.tools.directory.change_server(cellar.id, ServerEdit(enabled=False))
    result, again = await paint(here, fences, RecordedRun(JOB, again=run))
    assert result.summary == "1 painted, 1 skipped (north on Cellar: the server is gone, or disabled)"
    assert sorted(again.states.values()) == ["done", "skipped"]


async def test_a_server_that_is_disabled_in_the_middle_is_asked_for_nothing_more(here: Anime) -> None:
    class Fenced(Fences):
        """Its owner has enough of it after the first fence."""

        async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
            await here.tools.directory.change_server(place.server.id, ServerEdit(enabled=False))
            return await super().carry(run, place, row)

    fences = Fenced("north", "east", "south")
    result, run = await paint(here, fences)
    assert fences.painted == ["north on Attic"]
    assert result.summary == ("1 painted, 2 skipped (east on Attic, south on Attic: the server is gone, or disabled)")
    assert list(run.states.values()) == ["done", "skipped", "skipped"]


async def test_an_undo_on_a_server_that_is_disabled_says_so(here: Anime) -> None:
    _, run = await paint(here, Fences("north"))
    await here.tools.directory.change_server(here.server.id, ServerEdit(enabled=False))
    result, _ = await paint(here, Fences("north"), RecordedRun(JOB, undoes=run.id))
    assert result.outcome == "skipped"
    assert result.summary == "1 skipped (north on Attic: the server is gone, or disabled)"


async def test_steps_on_a_server_that_is_down_stay_open_and_the_run_is_tried_again(here: Anime) -> None:
    fences = Fences("north")
    fences.trouble["north on Attic"] = Unreachable("Attic did not answer")
    _, run = await fail(here, fences)
    await here.tools.directory.note_sighting(here.server.id, Sighting(state="down"), AT)
    failure, again = await fail(here, fences, RecordedRun(JOB, again=run))
    assert "1 change not reached; 1 server skipped (Attic has been down since" in failure.message and failure.retry
    await here.tools.directory.note_sighting(here.server.id, Sighting(state="up"), AT)
    fences.trouble.clear()
    assert (await paint(here, fences, RecordedRun(JOB, again=again)))[0].summary == "1 painted"


async def test_what_a_dead_run_left_open_is_closed_by_the_next(here: Anime) -> None:
    fences = Fences("north")
    fences.trouble["north on Attic"] = Unreachable("Attic did not answer")
    _, dead = await fail(here, fences)
    fences.trouble.clear()
    assert (await paint(here, fences))[0].summary == "1 painted"
    (row,) = await here.tools.ledger.of_run(dead.id)
    assert (row.state, row.detail) == ("skipped", "the run ended before it came to this")


async def test_without_a_server_there_is_nothing_to_run(here: Anime) -> None:
    await here.tools.directory.change_server(here.server.id, ServerEdit(enabled=False))
    result, _ = await paint(here, Fences("north"))
    assert (result.outcome, result.summary) == ("skipped", "no Jellyfin server is set up, or all are disabled")
