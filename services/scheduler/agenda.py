"""Which job to look at next: a heap of wake-up times. An entry that was overtaken is recognised when it comes up."""

from __future__ import annotations

from heapq import heappop, heappush

from .jobs import Job


class Agenda:
    """Every job has at most one wake-up that counts: the one that stands in `job.wake`."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Job]] = []
        self._tie = 0

    def put(self, job: Job, wake: int) -> None:
        """Look at the job at `wake` and not before; what was planned for it no longer counts."""
        job.wake = wake
        self._tie += 1
        heappush(self._heap, (wake, self._tie, job))

    def drop(self, job: Job) -> None:
        """Look at the job no more."""
        job.wake = -1

    def take(self, now: int, most: int) -> list[Job]:
        """The jobs whose time has come, the longest due first."""
        heap = self._heap
        taken: list[Job] = []
        while heap and heap[0][0] <= now and len(taken) < most:
            wake, _, job = heappop(heap)
            if job.wake == wake:
                job.wake = -1
                taken.append(job)
        return taken

    def next(self) -> int | None:
        """When the next job is to be looked at."""
        while self._heap and self._heap[0][2].wake != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None
