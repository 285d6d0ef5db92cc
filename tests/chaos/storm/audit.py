"""The account of a storm: streams, rows, the API, what viewers see, and effects, each read for itself and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import asyncpg
from msgspec import Struct, field

from shared.contracts import subjects
from shared.contracts.specs import Spec
from tests.support.gateways import Person

from . import slots
from .clients import Viewer, let_in
from .load import PAUSED_NOW_AND_THEN, effects
from .records import Record, milliseconds, read
from .slots import DOUBLED, LOST

# What a viewer and the API are compared by: the rest of a job moves with the clock.
SEEN = ("status", "enabled", "paused", "run_count", "running")


class Account(Struct, kw_only=True):
    """What the streams say. By job: its entries, and since when its slots count. By run: its job, and how it ended.

    `clock_error_ms` is how far the time that a tick bears is at most from that at which NATS took it.
    """

    entries: dict[str, list[slots.Entry]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    ticks: Counter[str] = field(default_factory=Counter)
    job_of: dict[str, str] = field(default_factory=dict)
    ended: dict[str, set[str]] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    fired_ms: list[int] = field(default_factory=list)
    clock_error_ms: int = 0

    @property
    def longest_silence(self) -> tuple[float, datetime]:
        """The longest time without a tick of any job, in seconds, and when it began."""
        longest, began = max((later - earlier, earlier) for earlier, later in pairwise(self.fired_ms))
        return longest / 1000, datetime.fromtimestamp(began / 1000, UTC)


async def read_account(nats_url: str) -> Account:
    """Read it from NATS."""
    account = Account()
    for record in await read(nats_url, subjects.bucket_stream(subjects.CATALOGUE)):
        account.since.setdefault(record.subject.rpartition(".")[2], record.written_ms)
    for record in await read(nats_url, subjects.TICKS):
        _take_tick(account, record)
    for record in await read(nats_url, subjects.REPORTS):
        for report in record.body["reports"]:
            run = report["run"]
            account.attempts[run] = max(account.attempts[run], report["attempt"])
            if report["type"] == "finished.v1":
                account.ended.setdefault(run, set()).add(report["outcome"])
    return account


def _take_tick(account: Account, record: Record) -> None:
    body = record.body
    entries = account.entries.setdefault(body["job"], [])
    if body["type"] == "skip.v1":
        first, last = milliseconds(body["first"]), milliseconds(body["last"])
        at = milliseconds(body["at"])
        entries.append(slots.Entry(first=first, last=last, count=body["count"], why=body["why"], at=at))
        return
    at = milliseconds(body["fired_at"])
    account.clock_error_ms = max(account.clock_error_ms, abs(record.written_ms - at))
    account.ticks[body["run"]] += 1
    account.job_of[body["run"]] = body["job"]
    account.fired_ms.append(record.written_ms)
    if "slot" in body:
        slot = milliseconds(body["slot"])
        entries.append(slots.Entry(first=slot, last=slot, count=1, why="", at=at))


class Audit:
    """Compares. `until` is the moment up to which every slot has to be accounted for."""

    def __init__(self, specs: Sequence[Spec], until: int, account: Account) -> None:
        self._specs = specs
        self._until = until
        self._account = account

    def of_slots(self) -> Iterator[str]:
        """Each slot is fired or skipped, once, for a reason that is one."""
        for spec in self._specs:
            name = spec.name
            entries = self._account.entries.get(name, [])
            paused = name == PAUSED_NOW_AND_THEN
            for fault in slots.faults(spec, entries, self._account.since[name], self._until, paused=paused):
                yield f"{name}: {fault}"

    def of_runs(self, promised: dict[str, str]) -> Iterator[str]:
        """Each run has one tick and an end; whatever was promised has become a run."""
        account = self._account
        yield from (f"{DOUBLED}run {run} has {times} ticks" for run, times in account.ticks.items() if times > 1)
        yield from (f"{LOST}the end of run {run}" for run in account.ticks.keys() - account.ended.keys())
        yield from (f"run {run} ended and has no tick" for run in account.ended.keys() - account.ticks.keys())
        yield from (
            f"{LOST}run {run} of {job}, which was promised" for run, job in promised.items() if run not in account.ticks
        )

    async def of_rows(self, pool: asyncpg.Pool) -> list[str]:
        """Postgres has the runs and the skipped slots that the streams have, and no others."""
        account = self._account
        rows = await pool.fetch("SELECT id::text, job, state, outcome, trigger, number FROM run")
        found = [f"run {row['id']} is {row['state']} in Postgres" for row in rows if row["state"] != "finished"]
        found += [f"run {row['id']} has no tick in Postgres" for row in rows if row["trigger"] is None]
        found += [
            f"run {row['id']} has {row['outcome']} in Postgres, and {account.ended.get(row['id'])} in the stream"
            for row in rows
            if row["outcome"] not in account.ended.get(row["id"], ())
        ]
        ids = {row["id"] for row in rows}
        found += [f"{LOST}run {run} is not in Postgres" for run in account.ticks.keys() - ids]
        found += [f"run {run} is in Postgres alone" for run in ids - account.ticks.keys()]
        numbers: dict[str, list[int]] = {}
        for row in rows:
            numbers.setdefault(row["job"], []).append(row["number"])
        found += [
            f"{job}: its runs are numbered with gaps"
            for job, of in numbers.items()
            if sorted(of) != [*range(1, len(of) + 1)]
        ]
        return found + await self._of_skips(pool)

    async def _of_skips(self, pool: asyncpg.Pool) -> list[str]:
        rows = await pool.fetch("SELECT job, first, last, count, why FROM skipped")
        written = Counter(
            (
                row["job"],
                round(row["first"].timestamp() * 1000),
                round(row["last"].timestamp() * 1000),
                row["count"],
                row["why"],
            )
            for row in rows
        )
        logged = Counter(
            (job, entry.first, entry.last, entry.count, entry.why)
            for job, entries in self._account.entries.items()
            for entry in entries
            if entry.why
        )
        return [
            f"skipped slots {which} stand {logged[which]} times in the log, {written[which]} in Postgres"
            for which in logged.keys() | written.keys()
            if logged[which] != written[which]
        ]

    async def of_displays(self, ports: Sequence[int], viewers: Sequence[Viewer]) -> list[str]:
        """Each gateway counts and lists these runs, and its viewers see what it shows."""
        found: list[str] = []
        counts = Counter(self._account.job_of.values())
        for port in ports:
            async with Person(f"http://127.0.0.1:{port}") as person:
                await let_in(person)
                shown = {job["name"]: job for job in (await person.read("/api/jobs?limit=1000"))["jobs"]}
                listed = await _listed(person)
            found += [
                f"the API shows {name} {job['status']} with {job['run_count']} runs, and it had {counts[name]}"
                for name, job in shown.items()
                if job["run_count"] != counts[name] or job["running"] is not None
            ]
            found += [f"{DOUBLED}the API lists run {run} {times} times" for run, times in listed.items() if times > 1]
            found += [f"{LOST}the API does not list run {run}" for run in self._account.ticks.keys() - listed.keys()]
            for viewer in viewers:
                if viewer.port == port:
                    found += _view_faults(viewer, shown)
        return found

    def of_effects(self, asked: Counter[str]) -> Iterator[str]:
        """Each run that succeeded has had its effects, and nothing else has any."""
        account = self._account
        names = {spec.name for spec in self._specs}
        ours = {run: job for run, job in account.job_of.items() if job in names}
        yield from (
            f"run {run} of {job} ended as {account.ended[run]}"
            for run, job in ours.items()
            if account.ended.get(run, {"succeeded"}) != {"succeeded"}
        )
        due = {key for run, job in ours.items() for key in effects(job, run)}
        yield from (f"{LOST}effect {key}" for key in due - asked.keys())
        yield from (f"effect {key} belongs to no run" for key in asked.keys() - due)


async def _listed(person: Person) -> Counter[str]:
    found: Counter[str] = Counter()
    after = ""
    while True:
        page = await person.read(f"/api/runs?limit=1000{after}")
        found.update(run["id"] for run in page["runs"])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def _view_faults(viewer: Viewer, shown: dict[str, Any]) -> list[str]:
    if viewer.jobs.keys() != shown.keys():
        return [f"{viewer} sees other jobs than the API shows"]
    return [
        f"{viewer} sees {name} with {what} {viewer.jobs[name][what]}, the API shows {job[what]}"
        for name, job in shown.items()
        for what in SEEN
        if viewer.jobs[name][what] != job[what]
    ]
