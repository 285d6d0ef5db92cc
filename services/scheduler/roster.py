"""All jobs, by name, and the agenda that says which to look at next. No `async`: loops feed it, and ask it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import structlog

from shared.contracts.controls import Control
from shared.timing.errors import BadSchedule

from .agenda import Agenda
from .jobs import Job, Timing, to_ms
from .planner import Decision, decide, given_up, next_wake
from .standing import Standing

log = structlog.get_logger()


class Roster:
    """`zone` is that of calendar schedules which name none."""

    def __init__(self, zone: str) -> None:
        self.jobs: dict[str, Job] = {}
        self.categories: set[str] = set()  # of all jobs that were ever here
        self.agenda = Agenda()
        self._zone = zone
        self._controls: dict[str, tuple[Control | None, int]] = {}

    def announce(self, timing: Timing, revision: int, since: int, now: int) -> None:
        """A job's spec, new or changed. Slots of a job that the tick log does not know count from `since` on."""
        if job := self.enter(timing, revision, since, now):
            self.look_again(job, now)

    def enter(self, timing: Timing, revision: int, since: int, now: int) -> Job | None:
        """The same without a look at the job, which whoever has more to say of it takes in the end. None: refused."""
        job = self.jobs.get(timing.name)
        try:
            if job is None:
                job = self.jobs[timing.name] = Job(timing, since, self._zone)
                job.obey(*self._controls.pop(timing.name, (None, 0)), self._zone)
            elif job.timing != timing:
                changed = job.timing.schedule != timing.schedule
                job.follow(timing, self._zone)
                # A changed schedule starts from now: nobody wants a surprise run for a slot that was none until today.
                job.accounted = max(job.accounted, now) if changed else job.accounted
        except BadSchedule as error:
            log.warning("spec_refused", job=timing.name, reason=str(error))
            return None
        job.announced = revision
        self.categories.add(timing.category)
        return job

    def withdraw(self, name: str) -> None:
        """The job is gone from the catalogue."""
        if job := self.jobs.pop(name, None):
            self.agenda.drop(job)

    def obey(self, name: str, control: Control | None, revision: int, now: int) -> None:
        """A job's control, unless a newer one is known already."""
        job = self.jobs.get(name)
        if job is None:
            self._controls[name] = control, revision
        elif revision > job.revision:
            job.obey(control, revision, self._zone)
            if control and control.changed_at:
                # Every slot before the change was accounted for before it was made.
                job.accounted = max(job.accounted, to_ms(control.changed_at))
            self.look_again(job, now)

    def recall(self, name: str, standing: Standing, active: Collection[UUID]) -> None:
        """What the tick log says of a job, and which runs have not ended. The log is right, even if we knew of more."""
        if job := self.jobs.get(name):
            job.sequence = standing.sequence
            job.writing = False
            job.accounted = max(job.accounted, standing.accounted)
            job.active = None
            for tick in standing.ticks:
                if tick.run in active:
                    job.active, job.ticked = tick.run, tick.sequence
                if tick.by_hand:
                    job.asked = tick.run

    def finished(self, name: str, run: UUID, now: int) -> None:
        """A run has ended; what waited for it can go on."""
        job = self.jobs.get(name)
        if job is not None and job.active == run:
            job.active = None
            if job.waiting or job.backlog > job.accounted:
                self.agenda.put(job, now)

    def look_again(self, job: Job, now: int) -> None:
        """Plan the next look at a job after anything about it has changed."""
        due = job.timetable.due(job.timetable.next_after(job.accounted))
        self.agenda.put(job, now if due <= now else next_wake(job, now))

    def unaccounted(self, job: Job, now: int) -> Decision | None:
        """What is to be written about the slots until now, treated as they were so far, before a job is changed."""
        return decide(job, now) or given_up(job, now)
