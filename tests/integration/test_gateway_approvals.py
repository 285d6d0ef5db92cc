"""A held run is approved, and what a run did is undone: over the API, by real runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workers.door import Job, JobFailed, Result, RunContext, held, succeeded
from shared.contracts.reports import Change
from shared.contracts.specs import Parameter
from shared.directory.directory import SCHEMA
from shared.directory.effects import LedgerRow
from shared.directory.ledger import Ledger
from shared.runtime.database import open_pool
from tests.support.gateway_jobs import at_work, ended, spec
from tests.support.gateways import PASSWORD, House, Person, house
from tests.support.servers import BreakableNats
from tests.support.waiting import wait_until

GUESTS = 3


class Door:
    """A job that shows guests out, waits for approval when they are many, and lets them in again."""

    def __init__(self) -> None:
        self.inside = GUESTS

    async def __call__(self, run: RunContext) -> Result:
        if run.undoes is not None:
            run.plan([Change(number=1, action="let in", target="the guests", why=f"{run.undoes} is undone")])
            self.inside = GUESTS
            run.applied(1)
            return succeeded("all are back")
        if run.params.get("nobody"):
            return succeeded()
        run.plan([Change(number=1, action="show out", target="the guests", why="it is late")])
        if run.approves is None:
            return held(f"{GUESTS} guests would have to go")
        self.inside = 0
        run.applied(1)
        return succeeded("all are gone")


async def greet(run: RunContext) -> Result:
    run.plan([Change(number=1, action="greet", target="all", why="politeness")])
    run.applied(1)
    return succeeded()


async def fall(run: RunContext) -> Result:
    raise JobFailed("fell", "it fell", retry=False)


NOBODY = Parameter(name="nobody", title="Nobody is there", kind="boolean")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
async def admin(home: House, door: Door) -> Person:
    return await at_work(
        home,
        Job(spec("door", undo=True, dry_run=True, parameters=(NOBODY,)), door),
        Job(spec("greet"), greet),
        Job(spec("fall"), fall),
    )


async def run(admin: Person, path: str, **body: Any) -> Any:
    """The run that a call makes, once it has finished."""
    status, answer = await admin.post(path, **body)
    assert status == 202, answer
    return await ended(admin, answer["run_id"])


async def refusal(admin: Person, path: str) -> tuple[int, str]:
    status, problem = await admin.post(path)
    return status, problem["code"]


async def test_a_held_run_waits_until_it_is_approved_once(admin: Person, door: Door) -> None:
    waiting = await run(admin, "/api/jobs/door/run", params={"nobody": False})
    assert (waiting["outcome"], waiting["approved_by"], door.inside) == ("held", None, GUESTS)

    async def shown() -> Any:
        job = await admin.read("/api/jobs/door")
        return job if job["last_run"] else None

    job = await wait_until(shown, what="the board to tell of the run")
    assert (job["status"], job["last_run"]["outcome"], job["undo"], job["last_error"]) == ("idle", "held", True, None)
    assert [run["id"] for run in (await admin.read("/api/runs?outcome=held"))["runs"]] == [waiting["id"]]
    approving = await run(admin, f"/api/runs/{waiting['id']}/approve")
    assert (approving["outcome"], door.inside) == ("succeeded", 0)
    assert approving["params"] == {"nobody": False, "approves": waiting["id"]}
    assert (await admin.read(f"/api/runs/{waiting['id']}"))["approved_by"] == approving["id"]
    listed = {run["id"]: run["approved_by"] for run in (await admin.read("/api/runs?job=door"))["runs"]}
    assert listed == {waiting["id"]: approving["id"], approving["id"]: None}
    assert await refusal(admin, f"/api/runs/{waiting['id']}/approve") == (409, "already_approved")
    assert await refusal(admin, f"/api/runs/{approving['id']}/approve") == (409, "run_not_held")
    row = (await admin.read("/api/audit"))["audit"][0]
    assert (row["action"], row["target"], row["after"]["run"]) == ("run.approve", waiting["id"], approving["id"])


async def test_what_a_run_did_is_undone_once(admin: Person, door: Door) -> None:
    waiting = await run(admin, "/api/jobs/door/run")
    assert await refusal(admin, f"/api/runs/{waiting['id']}/undo") == (409, "run_not_undoable")
    approving = await run(admin, f"/api/runs/{waiting['id']}/approve")
    undoing = await run(admin, f"/api/runs/{approving['id']}/undo")
    assert (undoing["outcome"], undoing["params"], door.inside) == ("succeeded", {"undoes": approving["id"]}, GUESTS)
    assert (await admin.read(f"/api/runs/{approving['id']}"))["undone_by"] == undoing["id"]
    assert await refusal(admin, f"/api/runs/{approving['id']}/undo") == (409, "already_undone")
    assert (await admin.read("/api/audit"))["audit"][0]["action"] == "run.undo"


async def test_a_retry_stays_what_it_was(admin: Person, door: Door) -> None:
    waiting = await run(admin, "/api/jobs/door/run")
    approving = await run(admin, f"/api/runs/{waiting['id']}/approve")
    again = await run(admin, f"/api/runs/{approving['id']}/retry")
    assert again["params"] == approving["params"] and again["outcome"] == "succeeded"
    assert (await admin.read(f"/api/runs/{waiting['id']}"))["approved_by"] == again["id"]


async def test_what_can_not_be_undone_is_told(admin: Person) -> None:
    for job, params in (("greet", {}), ("door", {"nobody": True})):
        done = await run(admin, f"/api/jobs/{job}/run", params=params)
        assert await refusal(admin, f"/api/runs/{done['id']}/undo") == (409, "run_not_undoable"), job
    for call in ("approve", "undo"):
        assert await refusal(admin, f"/api/runs/{uuid4()}/{call}") == (404, "run_unknown")


async def test_a_dry_run_has_nothing_to_approve(admin: Person) -> None:
    rehearsal = await run(admin, "/api/jobs/door/run", dry_run=True)
    assert rehearsal["outcome"] == "held"
    assert await refusal(admin, f"/api/runs/{rehearsal['id']}/approve") == (409, "run_not_held")


async def test_approval_can_not_be_had_by_the_way(admin: Person, door: Door) -> None:
    waiting = await run(admin, "/api/jobs/door/run")
    status, problem = await admin.post("/api/jobs/door/run", params={"approves": waiting["id"]})
    assert (status, problem["code"], door.inside) == (422, "bad_params", GUESTS)
    assert (await admin.post("/api/users", name="operator", role="operator", password=PASSWORD))[0] == 201
    async with await Person(admin.url).log_in("operator") as operator:
        assert await refusal(operator, f"/api/runs/{waiting['id']}/approve") == (403, "forbidden")
        again = await run(operator, f"/api/runs/{waiting['id']}/retry")
    assert (again["outcome"], door.inside) == ("held", GUESTS)


async def test_what_a_run_held_back_before_its_worker_died_can_be_approved(admin: Person, postgres: str) -> None:
    failed = await run(admin, "/api/jobs/fall/run")
    assert (failed["outcome"], await refusal(admin, f"/api/runs/{failed['id']}/approve")) == (
        "failed",
        (409, "run_not_held"),
    )
    row = LedgerRow(
        key="access/fall/1",
        run=UUID(failed["id"]),
        job="fall",
        number=1,
        kind="access",
        target="Mara on Attic",
        state="held",
    )
    async with open_pool(postgres, schema=SCHEMA) as pool:
        await Ledger(pool).write([row])
    assert (await admin.read(f"/api/runs/{failed['id']}"))["holds_back"]
    approving = await run(admin, f"/api/runs/{failed['id']}/approve")
    assert approving["params"] == {"approves": failed["id"]}
