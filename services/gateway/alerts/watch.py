"""The loop that looks at jobs, and has alerts written down. Of several gateways one at a time does so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from shared.directory.alertrecords import Alert, AlertPolicy, Told, Verdict
from shared.directory.alerts import Alerts
from shared.directory.preferences import Preferences
from shared.runtime.clock import utc_now

from ..board import Board
from ..board.entry import Entry
from ..context import Gateway
from ..store.database import DatabaseUnreachable, outages_named
from .ailments import JobState
from .rules import judge

log = structlog.get_logger()

LOOK_S = 5.0


class Watch:
    """Looks at the jobs of a board that may give reason for an alert."""

    def __init__(self, board: Board, alerts: Alerts, preferences: Preferences) -> None:
        self._board = board
        self._alerts = alerts
        self._preferences = preferences
        self._seen = 0
        self._under_way: frozenset[str] = frozenset()

    async def look(self, now: datetime) -> list[Alert]:
        """Write down what is to be told by now; gives what is news. Nothing while another gateway looks."""
        policy = await self._preferences.alerts()
        board, sequence = self._board, self._board.sequence
        changed = {entry.name for entry in board.changed_since(self._seen)}
        candidates = changed | self._under_way

        def judged(told: Mapping[str, Told]) -> list[Verdict]:
            return list(self._judged(candidates | told.keys(), told, now, policy))

        news = await self._alerts.decide(judged)
        if news is None:
            return []
        self._seen = sequence
        self._under_way = frozenset(name for name in candidates if (entry := board.find(name)) and entry.active)
        return news

    def _judged(
        self, names: set[str], told: Mapping[str, Told], now: datetime, policy: AlertPolicy
    ) -> Iterator[Verdict]:
        """What is news of these jobs, or is to be remembered otherwise than it is."""
        for name in sorted(names):
            state, known = state_of(self._board.find(name)), told.get(name)
            verdict = Verdict(job=name, told=None) if state is None else judge(state, known, now, policy)
            if verdict.alert is not None or verdict.told != known:
                yield verdict


def state_of(entry: Entry | None) -> JobState | None:
    """What is judged of a job; None for one that is not in the catalogue any more."""
    if entry is None or entry.spec is None:
        return None
    return JobState(
        job=entry.name,
        title=entry.spec.title,
        timeout_s=entry.spec.timeout_s,
        last=entry.last,
        active=entry.run_under_way(),
        failed_at=entry.last_error.at if entry.last_error else None,
    )


async def watch(gateway: Gateway, settle_s: float) -> NoReturn:
    """Look again and again, while nothing is out of reach and was not for `settle_s`: what has piled up in an outage
    takes a while to be heard, and until then a run that has ended long ago looks as if it were stuck."""
    await gateway.board_loaded.wait()
    looking = Watch(gateway.board, gateway.alerts, gateway.preferences)
    settled_at = utc_now() + timedelta(seconds=settle_s)
    while True:
        await asyncio.sleep(LOOK_S)
        now = utc_now()
        if not (gateway.bus.connected and gateway.database_up):
            settled_at = now + timedelta(seconds=settle_s)
        if now < settled_at:
            continue
        with suppress(DatabaseUnreachable), outages_named():
            for alert in await looking.look(now):
                gateway.metrics.alerts[alert.kind].add()
                log.info("alert", kind=alert.kind, job=alert.job, run=str(alert.run))
