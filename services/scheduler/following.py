"""Thin loops that tell the roster what others write: controls, and the ends of runs."""

from __future__ import annotations

import asyncio

import structlog

from shared.contracts import subjects
from shared.messaging import After, Bus, MessagingError, follow
from shared.runtime.clock import now_ms

from .memory import finished_runs, hear_control
from .roster import Roster
from .ticker import Ticker

log = structlog.get_logger()

_RECONCILE_S = 5.0


async def hear_controls(bus: Bus, roster: Roster, ticker: Ticker, after: int) -> None:
    """Controls that another scheduler wrote while it led; our own are known already."""
    keys = (subjects.bucket_key(subjects.CONTROLS, ">"),)
    async for batch in follow(bus, subjects.bucket_stream(subjects.CONTROLS), keys, After(after)):
        for message in batch:
            hear_control(roster, message, now_ms())
        ticker.alarm.ring()


async def hear_finished(bus: Bus, roster: Roster, ticker: Ticker, after: int) -> None:
    """Runs end; what waits for them goes on."""
    async for batch in follow(bus, subjects.REPORTS, (subjects.ALL_REPORTS,), After(after)):
        now = now_ms()
        for message in batch:
            for name, run in finished_runs(message):
                roster.finished(name, run, now)
        due = roster.agenda.next()
        if due is not None and due <= now:
            ticker.alarm.ring()


async def reconcile(ticker: Ticker) -> None:
    """Compare what we hold for active with what the workers have acknowledged, now and then."""
    while True:
        await asyncio.sleep(_RECONCILE_S)
        try:
            await ticker.release_ended()
        except MessagingError as error:
            log.info("not_reconciled", reason=str(error))
