"""The scheduler as a service: one leads, the others stand by."""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import structlog

from shared.contracts import subjects
from shared.messaging import Bus, MessagingError
from shared.runtime.clock import Alarm, now_ms
from shared.runtime.telemetry import Telemetry

from .catalogue import Catalogue
from .commands import Commander
from .following import hear_controls, hear_finished, reconcile
from .leadership import Lease
from .memory import read_on, recollect
from .metrics import Metrics
from .queues import Queues
from .settings import SchedulerSettings
from .specs import StandingSpecs
from .ticker import Ticker

log = structlog.get_logger()


class _LeadLost(Exception):
    pass


async def run(bus: Bus, settings: SchedulerSettings, telemetry: Telemetry | None = None) -> None:
    """Stand by, lead when nobody does, and stand by again when the lead is lost. Ends only by cancellation."""
    metrics = Metrics(telemetry or Telemetry())
    name = settings.name or f"{socket.gethostname()}-{secrets.token_hex(3)}"
    while True:
        lease = Lease(bus, name, settings.lease_s, alone=settings.alone)
        specs = StandingSpecs(settings.least_interval_ms)
        try:
            async with asyncio.TaskGroup() as loops:
                ahead = loops.create_task(_read_ahead(bus, specs))
                await lease.take()
                loops.create_task(_keep(lease))
                await ahead
                loops.create_task(_lead(bus, settings, metrics, specs))
        except* _LeadLost:
            log.info("standing_by", scheduler=name)
        except* MessagingError as errors:
            log.warning("lead_interrupted", scheduler=name, reason=str(errors.exceptions[0]))
        finally:
            metrics.stand_by()
            await lease.give_up()


async def _read_ahead(bus: Bus, specs: StandingSpecs) -> None:
    """The greater part of taking over, done while another leads. What can't be read now is read by then."""
    try:
        with _collector_at_rest():
            await read_on(bus, specs)
        log.info("catalogue_read_ahead", jobs=len(specs.standing))
    except MessagingError as error:
        log.info("catalogue_not_read_ahead", reason=str(error))


async def _keep(lease: Lease) -> None:
    await lease.keep()
    raise _LeadLost


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A hundred thousand jobs may be made here, and live as long as the lead: looking through them is in vain."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def _lead(bus: Bus, settings: SchedulerSettings, metrics: Metrics, specs: StandingSpecs) -> None:
    began = now_ms()
    with _collector_at_rest():
        memory = await recollect(bus, settings.zone, specs, began)
    roster = memory.roster
    log.info("schedules_loaded", jobs=len(roster.jobs), milliseconds=now_ms() - began)
    metrics.lead(roster)
    queues = Queues(bus, settings.ack_wait_s)
    with closing(Alarm()) as alarm:
        ticker = Ticker(bus, roster, metrics, alarm)
        catalogue = Catalogue(bus, roster, ticker, queues, settings.least_interval_ms)
        async with asyncio.TaskGroup() as loops:
            loops.create_task(ticker.run())
            loops.create_task(Commander(bus, roster, ticker, metrics).run())
            loops.create_task(catalogue.hear(memory.aside, memory.catalogue))
            loops.create_task(catalogue.answer(subjects.ANNOUNCE))
            loops.create_task(catalogue.answer(subjects.ALL_ANNOUNCEMENTS))
            loops.create_task(hear_controls(bus, roster, ticker, memory.controls))
            loops.create_task(hear_finished(bus, roster, ticker, memory.reports))
            loops.create_task(reconcile(ticker))
            loops.create_task(metrics.stock.watch(bus, roster))
