"""What has to be true after any number of kills, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from shared.contracts import codec, subjects
from shared.contracts.reports import Finished
from shared.contracts.specs import Spec
from shared.contracts.ticks import Tick, TickEvent
from shared.messaging import After, Bus, read_all
from shared.timing.slots import compile_schedule
from tests.support.account import account_of_log, account_of_rows


class Streams(Struct):
    """All that stands in the tick log, by job, and the runs that reports say have ended, each as often as they do."""

    events: dict[str, list[TickEvent]]
    ended: Counter[UUID]

    @property
    def runs(self) -> Counter[UUID]:
        """The runs that have a tick, each as often as it has one."""
        return Counter(event.run for events in self.events.values() for event in events if isinstance(event, Tick))


async def read_streams(bus: Bus) -> Streams:
    events: dict[str, list[TickEvent]] = {}
    for message in await read_all(bus, subjects.TICKS, (subjects.ALL_TICKS,), After(0)):
        event = codec.decode_tick_event(message.data)
        events.setdefault(event.job, []).append(event)
    bundles = await read_all(bus, subjects.REPORTS, (subjects.ALL_REPORTS,), After(0))
    reports = [report for message in bundles for report in codec.decode_reports(message.data).reports]
    return Streams(events, Counter(report.run for report in reports if isinstance(report, Finished)))


async def faults(
    pool: asyncpg.Pool, streams: Streams, specs: Sequence[Spec], shown: Sequence[dict[str, Any]]
) -> list[str]:
    """Everything that is not as promised, in words. `shown` is what the API says of the jobs."""
    found = [f"{run} has {times} ticks" for run, times in streams.runs.items() if times > 1]
    found += [f"{run} has a tick and no end" for run in streams.runs.keys() - streams.ended.keys()]
    found += [f"{run} has an end and no tick" for run in streams.ended.keys() - streams.runs.keys()]
    for spec in specs:
        found += [f"{spec.name}: {fault}" for fault in await _slot_faults(pool, streams, spec)]
        found += [f"{spec.name}: {fault}" for fault in await _run_faults(pool, streams, spec)]
    found += await _display_faults(pool, shown)
    return found


async def _slot_faults(pool: asyncpg.Pool, streams: Streams, spec: Spec) -> list[str]:
    timetable = compile_schedule(spec.schedule, spec.name)
    logged = account_of_log(streams.events[spec.name])
    written = await account_of_rows(pool, spec.name)
    since = min(logged.fired) - 1
    found = [f"in the log, {fault}" for fault in logged.faults(timetable, since)]
    found += [f"in Postgres, {fault}" for fault in written.faults(timetable, since)]
    if sorted(logged.fired) != written.fired or sorted(logged.ranges, key=lambda kept: kept.first) != written.ranges:
        found.append("Postgres and the log differ")
    return found


async def _run_faults(pool: asyncpg.Pool, streams: Streams, spec: Spec) -> list[str]:
    rows = await pool.fetch("SELECT id, state, outcome, number, trigger FROM run WHERE job = $1", spec.name)
    ticked = {event.run for event in streams.events[spec.name] if isinstance(event, Tick)}
    found = [f"run {row['id']} is {row['state']}, {row['outcome']}" for row in rows if row["outcome"] != "succeeded"]
    found += [f"run {row['id']} has no tick in Postgres" for row in rows if row["trigger"] is None]
    if {row["id"] for row in rows} != ticked:
        found.append("the runs in Postgres are not those in the log")
    if sorted(row["number"] for row in rows) != list(range(1, len(rows) + 1)):
        found.append("the numbers of its runs have gaps")
    return found


async def _display_faults(pool: asyncpg.Pool, shown: Sequence[dict[str, Any]]) -> list[str]:
    counts = {row["job"]: row["count"] for row in await pool.fetch("SELECT job, count(*) FROM run GROUP BY job")}
    return [
        f"the API shows {job['name']} {job['status']} with {job['run_count']} runs, Postgres has {counts[job['name']]}"
        for job in shown
        if job["run_count"] != counts[job["name"]] or job["status"] != "idle" or job["running"] is not None
    ]


def told(streams: Streams, specs: Sequence[Spec]) -> str:
    """The account, for a person."""
    accounts = [account_of_log(streams.events[spec.name]) for spec in specs]
    skipped: Counter[str] = sum((account.skipped for account in accounts), Counter())
    fired = sum(len(account.fired) for account in accounts)
    again = sum(times - 1 for times in streams.ended.values())
    lines = [
        f"slots        {fired + sum(skipped.values()):6}",
        f"  fired      {fired:6}",
        *(f"  {why:10} {count:6}" for why, count in sorted(skipped.items())),
        f"runs         {len(streams.runs):6}",
        f"  ended      {len(streams.ended):6}   (reported once more than needed: {again})",
    ]
    return "\n".join(lines)
