"""Which job to look at next: a heap of wake-up times. An entry that was overtaken is recognised when it comes up."""

from __future__ import annotations

from heapq import heappop, heappush

from .jobs import Job

_NUMBER_BITS = 32
_NUMBER = (1 << _NUMBER_BITS) - 1


class Agenda:
    """Every job has at most one wake-up that counts: the one that stands in `job.wake`.

    An entry is one whole number, its moment before the job's own number: those are compared at half the cost of tuples,
    and the garbage collector, which would stop everything while it looks through a hundred thousand, passes them by.
    """

    def __init__(self) -> None:
        self._heap: list[int] = []
        self._jobs: dict[int, Job] = {}
        self._newest = 0

    def put(self, job: Job, wake: int) -> None:
        """Look at the job at `wake` and not before; what was planned for it no longer counts."""
        if not job.number:
            self._newest += 1
            job.number = self._newest
            self._jobs[job.number] = job
        job.wake = wake
        heappush(self._heap, wake << _NUMBER_BITS | job.number)

    def drop(self, job: Job) -> None:
        """Look at the job no more."""
        job.wake = -1
        self._jobs.pop(job.number, None)
        job.number = 0

    def take(self, now: int, most: int) -> list[Job]:
        """The jobs whose time has come, the longest due first."""
        last = (now + 1) << _NUMBER_BITS
        taken: list[Job] = []
        while self._heap and self._heap[0] < last and len(taken) < most:
            job = self._planned(heappop(self._heap))
            if job is not None:
                job.wake = -1
                taken.append(job)
        return taken

    def next(self) -> int | None:
        """When the next job is to be looked at."""
        while self._heap and self._planned(self._heap[0]) is None:
            heappop(self._heap)
        return self._heap[0] >> _NUMBER_BITS if self._heap else None

    def _planned(self, entry: int) -> Job | None:
        job = self._jobs.get(entry & _NUMBER)
        return job if job is not None and job.wake == entry >> _NUMBER_BITS else None
