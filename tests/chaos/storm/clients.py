"""Those who look at Showrunner from outside in a storm: viewers of the live feed, and somebody who decides things."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from random import Random
from typing import Any

import aiohttp

from tests.support.eventstreams import Event, EventStream
from tests.support.gateways import PASSWORD, Person

AGAIN_S = 0.3
# Longer than the gateway's own word now and then: whoever hears nothing for so long comes anew.
NO_WORD_S = 20.0
LONGEST_LINE = 2**19
ANSWER_S = 15.0

Job = dict[str, Any]


class _NotLetIn(Exception):
    pass


async def let_in(person: Person) -> None:
    """Log in, or raise an error of those in `OUTAGES`."""
    status, _ = await person.post("/api/session", account="admin", password=PASSWORD)
    if status != 200:
        raise _NotLetIn(f"the gateway answers {status}")


OUTAGES = (aiohttp.ClientError, OSError, TimeoutError, _NotLetIn)


class Viewer:
    """Has the live feed of one gateway open, and keeps what it is told. It rests `rest_s` after each event."""

    def __init__(self, gateway: str, port: int, rest_s: float) -> None:
        self.gateway = gateway
        self.port = port
        self.rest_s = rest_s
        self.jobs: dict[str, Job] = {}
        self.connections = 0
        self._last_id = ""

    def __str__(self) -> str:
        return f"a {'slow ' if self.rest_s else ''}viewer of {self.gateway}"

    async def view(self) -> None:
        """Look on for ever, and come back whenever the gateway is gone."""
        async with Person(f"http://127.0.0.1:{self.port}") as person:
            while True:
                try:
                    await let_in(person)
                    await self._follow(person)
                except OUTAGES:
                    pass
                await asyncio.sleep(AGAIN_S)

    async def _follow(self, person: Person) -> None:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_S)
        async with person.http.get(
            "/api/jobs/sse", headers=headers, timeout=timeout, read_bufsize=LONGEST_LINE
        ) as told:
            if told.status != 200:
                raise _NotLetIn(f"the gateway answers {told.status}")
            self.connections += 1
            stream = EventStream(told.content)
            while (event := await stream.next(NO_WORD_S)) is not None:
                self._take(event)
                await asyncio.sleep(self.rest_s)

    def _take(self, event: Event) -> None:
        match event.name:
            case "snapshot":
                self.jobs = {job["name"]: job for job in event.data["jobs"]}
            case "job":
                self.jobs[event.data["name"]] = event.data
            case "removed":
                self.jobs.pop(event.data["name"], None)
        self._last_id = event.id or self._last_id


class Decider:
    """Runs jobs by hand, and pauses one of them now and then, by whichever gateway answers.

    `promised` are the runs that the API has promised. `answers` counts what it was answered; 0 is no answer at all.
    """

    def __init__(self, ports: list[int], chance: Random, jobs: list[str], paused_now_and_then: str) -> None:
        self.promised: dict[str, str] = {}
        self.answers: Counter[int] = Counter()
        self._ports = ports
        self._chance = chance
        self._jobs = jobs
        self._pausable = paused_now_and_then

    async def decide(self, every_s: float) -> None:
        """Decide something every so many seconds, for ever."""
        for port in itertools.cycle(self._ports):
            await asyncio.sleep(every_s)
            if self._chance.random() < 0.2:
                verb = self._chance.choice(("pause", "resume"))
                await self._ask(port, f"/api/jobs/{self._pausable}/{verb}")
                continue
            job = self._chance.choice(self._jobs)
            status, answer = await self._ask(port, f"/api/jobs/{job}/run")
            if status == 202:
                self.promised[answer["run_id"]] = job
        raise AssertionError("there is no gateway to ask")

    async def comes_to_rest(self) -> bool:
        """Leave nothing paused. Raises AssertionError while nobody carries it out."""
        status, answer = await self._ask(self._ports[0], f"/api/jobs/{self._pausable}/resume")
        assert status == 200, answer
        return True

    async def _ask(self, port: int, path: str) -> tuple[int, Any]:
        try:
            async with asyncio.timeout(ANSWER_S), Person(f"http://127.0.0.1:{port}") as person:
                await let_in(person)
                status, answer = await person.post(path)
        except OUTAGES:
            status, answer = 0, None
        self.answers[status] += 1
        return status, answer
