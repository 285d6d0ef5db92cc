"""Carrying a plan out, and how a run ends: the same for every job that keeps a ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from msgspec import structs

from shared.directory.effects import LedgerRow
from shared.directory.records import Server

from ..door import JobFailed, Result, RunContext, held, succeeded
from ..ledgered.servers import Failed, on_each
from ..ledgered.telling import OPEN
from ..tools import Tools
from . import wording
from .carrying import Carrier
from .survey import Reach, reached
from .telling import Telling
from .wording import Story


async def on_servers(
    tools: Tools, run: RunContext, carrier: Carrier, rows: Sequence[LedgerRow], ways: Mapping[UUID, Reach]
) -> tuple[list[LedgerRow], list[Failed]]:
    """Carry out the open rows: in order on each server, servers at the same time. All rows, as they are then.

    `ways`: how to reach the servers that have been looked at. Of a server that fails, rows stay open.
    """
    telling, results = Telling(run, rows), {row.key: row for row in rows}
    by_server: dict[UUID | None, list[LedgerRow]] = {}
    for row in rows:
        if row.state in OPEN:
            by_server.setdefault(row.server_id, []).append(row)
    servers = [server for server in await tools.directory.servers() if server.enabled and server.id in by_server]

    async def on(server: Server) -> None:
        mine = by_server[server.id]
        reach = ways.get(server.id) or await _reached_for(tools, server, mine)
        for row in mine:
            results[row.key] = await carrier.carry(row, reach)
            telling.closed(results[row.key])

    _, failures = await on_each(run, servers, on)
    for row in _without_server(by_server, servers):
        await tools.ledger.close(row.key, "skipped", "the server is gone, or disabled")
        results[row.key] = structs.replace(row, state="skipped", detail="the server is gone, or disabled")
        telling.closed(results[row.key])
    return list(results.values()), failures


async def on_people(
    run: RunContext, rows: Sequence[LedgerRow], carry: Callable[[LedgerRow], Awaitable[LedgerRow]]
) -> list[LedgerRow]:
    """Carry out the open rows, one after another. All rows, as they are then."""
    telling, results = Telling(run, rows), {row.key: row for row in rows}
    for row in rows:
        if row.state in OPEN:
            results[row.key] = await carry(row)
            telling.closed(results[row.key])
    return list(results.values())


def concluded(story: Story, failures: Sequence[Failed] = ()) -> Result:
    """How the run ends. JobFailed: a server or a change failed, and nothing waits for approval."""
    story = structs.replace(story, failures=[failure.why for failure in failures])
    told = wording.summary(story)
    if any(row.state == "held" for row in story.rows) and not story.rehearsed:
        return held(told)
    if failures or any(row.state == "failed" for row in story.rows):
        raise JobFailed("access_incomplete", told, retry=any(failure.transient for failure in failures))
    return succeeded(told)


async def _reached_for(tools: Tools, server: Server, rows: Sequence[LedgerRow]) -> Reach:
    wanted = {row.account_id for row in rows}
    servings = await tools.books.servings(server.id)
    return await reached(
        tools, server, [h.outside_id for h in servings.holdings if h.account_id in wanted and h.state != "wanted"]
    )


def _without_server(by_server: Mapping[UUID | None, list[LedgerRow]], servers: Sequence[Server]) -> list[LedgerRow]:
    there = {server.id for server in servers}
    return [row for server_id, rows in by_server.items() if server_id not in there for row in rows]
