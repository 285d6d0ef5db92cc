"""The newest state of every job, in the order in which the jobs changed.

Each change gives its job the next sequence and moves it to the end. "What changed since sequence n" then walks only
what did, and that one question serves the snapshot (since 0), a client that comes back, a slow client and the live
feed alike.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from shared.contracts.controls import Control
from shared.contracts.feed import Leader, Run
from shared.contracts.specs import Spec

from .entry import Entry, History
from .rendering import milliseconds, render
from .shapes import Job, SchedulerView, Status

LEASE_LEEWAY = timedelta(seconds=1.5)

_encode = msgspec.json.Encoder().encode


class Board:
    """What one gateway process knows of all jobs. `id` tells one board's sequences from another's.

    A calendar that names no zone is read in `zone`. A leader that is silent for longer than `lease` leads no more.
    """

    def __init__(self, id: str, zone: str, lease: timedelta = timedelta(seconds=1.5)) -> None:
        self.id = id
        self.zone = zone
        self.sequence = 0
        self.loaded = False
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._pauses: dict[str, datetime] = {}
        self._met: dict[str, bool] = {}
        self._silent_after = lease + LEASE_LEEWAY
        self._leader: Leader | None = None
        self._leader_heard_at: datetime | None = None
        self._scheduler = SchedulerView(state="unreachable", leader=None, heartbeat_at=None)
        self._scheduler_sequence = 0

    # Changes

    def apply_spec(self, job: str, spec: Spec | None) -> None:
        """What the catalogue says of a job now; None when the job is gone."""
        entry = self._entry(job)
        if entry.spec != spec:
            entry.spec = spec
            entry.compile(self.zone)
            self._touch(entry)

    def apply_control(self, job: str, control: Control | None, revision: int) -> None:
        """What people decided about a job, as of `revision`; an older revision changes nothing."""
        entry = self._entry(job)
        if revision < entry.revision:
            return
        entry.revision = revision
        if entry.control == control:
            return
        entry.control = control
        entry.compile(self.zone)
        if control and control.paused and control.paused_until:
            self._pauses[job] = control.paused_until
        else:
            self._pauses.pop(job, None)
        self._touch(entry)

    def apply_runs(self, runs: Iterable[Run]) -> None:
        """The newest states of runs, as the feed tells them."""
        for run in runs:
            entry = self._entry(run.job)
            entry.take(run)
            self._touch(entry)
            entry.newest_sequence = self.sequence

    def load(self, histories: Mapping[str, History]) -> None:
        """All runs anew, as Postgres has them; a job that is not named there has none."""
        for job in histories.keys() - self._entries.keys():
            self._entry(job)
        nothing = History()
        for job, entry in list(self._entries.items()):
            entry.remember(histories.get(job, nothing), first=not self.loaded)
            self._touch(entry)
        self.loaded = True

    def apply_needs(self, met: Mapping[str, bool]) -> None:
        """Which needs are met; what is not named can't be told."""
        if self._met == met:
            return
        self._met = dict(met)
        for entry in list(self._entries.values()):
            if entry.spec is not None and entry.spec.needs:
                self._touch(entry)

    def apply_leader(self, leader: Leader | None, now: datetime) -> None:
        """A leader's heartbeat, heard at `now`; None when the lease was given up."""
        self._leader = leader
        self._leader_heard_at = now if leader else None

    def look_at_clock(self, now: datetime, *, nats: bool, database: bool) -> None:
        """Notice what time alone brings about: the end of a pause, a leader's silence; and what can't be reached."""
        for job in [job for job, until in self._pauses.items() if until <= now]:
            del self._pauses[job]
            self._touch(self._entry(job))
        scheduler = self._judge_scheduler(now, nats=nats, database=database)
        heartbeat_moved = msgspec.structs.replace(self._scheduler, heartbeat_at=scheduler.heartbeat_at)
        if scheduler != heartbeat_moved:
            self.sequence += 1
            self._scheduler_sequence = self.sequence
        self._scheduler = scheduler

    # Views

    def scheduler(self) -> SchedulerView:
        """Who leads, as of the last look at the clock."""
        return self._scheduler

    def scheduler_changed_since(self, sequence: int) -> bool:
        return self._scheduler_sequence > sequence

    def changed_since(self, sequence: int) -> Iterator[Entry]:
        """The jobs that changed after `sequence`, the newest change first. The board must not change meanwhile."""
        for entry in reversed(self._entries.values()):
            if entry.sequence <= sequence:
                return
            yield entry

    def find(self, job: str) -> Entry | None:
        """What is known of a job that is in the catalogue."""
        entry = self._entries.get(job)
        return entry if entry is not None and entry.spec is not None else None

    def names(self) -> list[str]:
        """The jobs in the catalogue, in alphabetical order."""
        return sorted(name for name, entry in self._entries.items() if entry.spec is not None)

    def view(self, entry: Entry, now: datetime) -> bytes:
        """The job in JSON, made anew only when it changed or its next slot has passed."""
        if not entry.json or milliseconds(now) >= entry.fresh_until:
            job, entry.fresh_until = self.render(entry, now)
            entry.status = job.status
            entry.json = _encode(job)
        return entry.json

    def status(self, entry: Entry, now: datetime) -> Status:
        self.view(entry, now)
        return entry.status

    def render(self, entry: Entry, now: datetime) -> tuple[Job, int]:
        """The job as a struct, and until when (milliseconds since the epoch) it stays so by itself."""
        assert entry.spec is not None, f"{entry.name} is not in the catalogue"
        return render(entry, entry.spec, now, self.zone, self._met)

    def _entry(self, job: str) -> Entry:
        entry = self._entries.get(job)
        if entry is None:
            entry = self._entries[job] = Entry(job)
        return entry

    def _touch(self, entry: Entry) -> None:
        self.sequence += 1
        entry.sequence = self.sequence
        entry.json = b""
        self._entries.move_to_end(entry.name)

    def _judge_scheduler(self, now: datetime, *, nats: bool, database: bool) -> SchedulerView:
        leader, heard_at = self._leader, self._leader_heard_at
        details = [] if database else ["The database can't be reached: what is shown may be old."]
        if not nats:
            details.insert(0, "NATS can't be reached: nothing can be changed until it is back.")
            return SchedulerView(state="unreachable", leader=None, heartbeat_at=None, detail=" ".join(details))
        if leader is None or heard_at is None or now - heard_at > self._silent_after:
            details.insert(0, "No scheduler leads: no job is started until one does.")
            return SchedulerView(state="absent", leader=None, heartbeat_at=heard_at, detail=" ".join(details))
        return SchedulerView(state="leading", leader=leader.scheduler, heartbeat_at=heard_at, detail=" ".join(details))
