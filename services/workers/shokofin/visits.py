"""Coming to servers: all are reached, their libraries are held one by one, and what is to be done is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

from msgspec import Struct, structs

from shared.contracts.resources import Occupied, library_of
from shared.directory.effects import LedgerRow
from shared.directory.records import Server
from shared.outside.errors import OutsideError

from ..door import Held, Look, ResourceBusy, RunContext
from ..ledgered.servers import Failed
from .places import Place
from .rows import drafted, still_open
from .work import Planned, Work


class Visit(Struct, frozen=True, kw_only=True):
    """A server that the run is at. `rows`: what is to be done there; those of a new plan have no number yet.

    `held`: its library, if that has to be ours alone. `planned`: the plan; None if the rows were there before.
    """

    place: Place
    held: Held | None = None
    rows: Sequence[LedgerRow] = ()
    planned: Planned | None = None

    @property
    def server(self) -> Server:
        """Where it is."""
        return self.place.server


async def libraries_held(
    run: RunContext, stack: AsyncExitStack, visits: Sequence[Visit], now: Callable[[], datetime]
) -> tuple[list[Visit], list[Failed]]:
    """Hold the library of each until `stack` is closed: the visits where it is ours, and those that waited in vain.

    One after another, in the order that all runs keep: two that waited for each other would wait for ever.
    """
    ours: list[Visit] = []
    busy: list[Failed] = []
    for visit in sorted(visits, key=lambda visit: library_of(visit.server.id)):
        name = visit.server.name
        try:
            held = await stack.enter_async_context(
                run.hold(library_of(visit.server.id), f"{name}'s library", look=_scan_at(visit.place, now))
            )
        except ResourceBusy as error:
            busy.append(_failed(visit, error.reason, transient=True))
        except OutsideError as error:
            busy.append(_failed(visit, str(error), transient=error.transient))
        else:
            ours.append(structs.replace(visit, held=held))
    return ours, busy


async def looked_up(work: Work, run: RunContext, visit: Visit, earlier: Sequence[LedgerRow]) -> Visit:
    """What is to be done there: what `earlier` left open, or else a new plan. OutsideError, DirectoryError."""
    left = still_open(row for row in earlier if row.server_id == visit.server.id)
    if left or run.undoes is not None:
        return structs.replace(visit, rows=left)
    planned = await work.plan(run, visit.place)
    return structs.replace(visit, rows=drafted(run, visit.server, planned.steps), planned=planned)


def _failed(visit: Visit, why: str, *, transient: bool) -> Failed:
    name = visit.server.name
    return Failed(server=visit.server, why=why if name in why else f"{name}: {why}", transient=transient)


def _scan_at(place: Place, now: Callable[[], datetime]) -> Look:
    async def look() -> Occupied | None:
        scan = await place.tasks.scan()
        if scan is None:
            return None
        return Occupied(what=f"library scan on {place.server.name}", share=scan.share, since=now())

    return look
