"""The scheduler's memory: what the tick log, the catalogue and the controls say when it takes the lead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import DecodeError, Struct

from shared.contracts import codec, subjects
from shared.contracts.reports import Finished
from shared.messaging import (
    LAST_PER_SUBJECT,
    After,
    Bus,
    Message,
    Rejected,
    Since,
    last_sequence,
    read_all,
    read_present,
)
from shared.messaging.buckets import key_of

from .roster import Roster
from .specs import SetAside, StandingSpec, StandingSpecs
from .standing import Standing, note

log = structlog.get_logger()

# A tick bears the time of the scheduler that fired it, a report that of NATS: by these, a run may end before it began.
_CLOCKS_DIFFER = timedelta(minutes=1)


class Recollection(Struct):
    """A roster as of now, and the sequences behind which to follow the reports, the catalogue and the controls.

    `aside`: what stands in the catalogue last, and can't.
    """

    roster: Roster
    aside: dict[str, SetAside]
    reports: int
    catalogue: int
    controls: int


async def recollect(bus: Bus, zone: str, specs: StandingSpecs, now: int) -> Recollection:
    """Read everything, of the catalogue what `specs` does not know yet.

    What happens while it is read is seen by following from the sequences that are returned.
    """
    _, reports = await last_sequence(bus, subjects.REPORTS)
    _, controls, standings = await asyncio.gather(
        read_on(bus, specs),
        read_all(bus, *_bucket(subjects.CONTROLS), LAST_PER_SUBJECT),
        _standings(bus),
    )
    active = await active_runs(bus, standings.values())
    roster = Roster(zone)
    # In a thread, since a hundred thousand jobs take seconds, and the lease must be renewed meanwhile.
    await asyncio.to_thread(_recall_all, roster, specs.standing, controls, standings, active, now=now)
    recollection = Recollection(
        roster, specs.aside, reports, specs.newest, max((c.sequence for c in controls), default=0)
    )
    # The roster has it now: twice would be too much.
    specs.forget()
    return recollection


async def read_on(bus: Bus, specs: StandingSpecs) -> None:
    """Read the catalogue, as far as it goes now, behind what has been read of it."""
    created, _ = await last_sequence(bus, subjects.bucket_stream(subjects.CATALOGUE))
    specs.begin(created)
    async for batch in read_present(bus, *_bucket(subjects.CATALOGUE), After(specs.newest)):
        for message in batch:
            specs.read(message)


async def _standings(bus: Bus) -> dict[str, Standing]:
    standings: dict[str, Standing] = {}
    async for batch in read_present(bus, subjects.TICKS, (subjects.ALL_TICKS,), LAST_PER_SUBJECT):
        for message in batch:
            note(standings, message)
    return standings


def _recall_all(
    roster: Roster,
    specs: Mapping[str, StandingSpec],
    controls: Iterable[Message],
    standings: Mapping[str, Standing],
    active: set[UUID],
    *,
    now: int,
) -> None:
    for name, spec in specs.items():
        standing = standings.get(name)
        since = standing.accounted if standing and standing.accounted else spec.written_ms
        roster.enter(spec.timing, spec.revision, since, now)
    for name, standing in standings.items():
        roster.recall(name, standing, active)
    for message in controls:
        hear_control(roster, message, now)
    for job in roster.jobs.values():
        roster.look_again(job, now)


def hear_control(roster: Roster, message: Message, now: int) -> None:
    """Obey an entry of the controls, if it can be understood; if not, what was decided before stays in force."""
    try:
        control = codec.decode_control(message.data) if message.data else None
    except DecodeError as error:
        log.warning("control_unreadable", subject=message.subject, reason=str(error))
        return
    roster.obey(key_of(subjects.CONTROLS, message.subject), control, message.sequence, now)


async def ended_until(bus: Bus, category: str) -> int:
    """The sequence up to which every tick of a category is done with: its workers acknowledge after the last report."""
    consumer = subjects.workers_of(category)
    try:
        info = await bus.api(f"CONSUMER.INFO.{subjects.TICKS}.{consumer}", {})
    except Rejected:
        return 0
    return int(info["ack_floor"]["stream_seq"])


async def active_runs(bus: Bus, standings: Iterable[Standing]) -> set[UUID]:
    """Those of the last ticks' runs that have not ended."""
    floors: dict[str, int] = {}
    candidates: dict[UUID, datetime] = {}
    for standing in standings:
        for tick in standing.ticks:
            if tick.category not in floors:
                floors[tick.category] = await ended_until(bus, tick.category)
            if tick.sequence > floors[tick.category]:
                candidates[tick.run] = tick.fired_at
    if not candidates:
        return set()
    since = min(candidates.values()) - _CLOCKS_DIFFER
    async for batch in read_present(bus, subjects.REPORTS, (subjects.ALL_REPORTS,), Since(since)):
        for message in batch:
            for _, run in finished_runs(message):
                candidates.pop(run, None)
    return set(candidates)


def finished_runs(message: Message) -> list[tuple[str, UUID]]:
    """Job and run of each run that a bundle of reports ends."""
    try:
        bundle = codec.decode_reports(message.data)
    except DecodeError as error:
        log.warning("reports_unreadable", subject=message.subject, reason=str(error))
        return []
    return [(report.job, report.run) for report in bundle.reports if isinstance(report, Finished)]


def _bucket(bucket: str) -> tuple[str, tuple[str, ...]]:
    """Its stream, and the subjects of all its keys."""
    return subjects.bucket_stream(bucket), (subjects.bucket_key(bucket, ">"),)
