"""Hands the controls of a restored backup to the scheduler, who alone writes them and knows what is allowed now."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NoReturn

import structlog

from shared.contracts.commands import RestoreControl
from shared.contracts.controls import Control

from .asking import CommandRefused, SchedulerUnreachable, ask
from .context import Gateway
from .store import restored
from .store.database import DatabaseUnreachable

log = structlog.get_logger()

LOOK_S = 5.0


async def hand_controls_over(gateway: Gateway) -> NoReturn:
    """Whenever there are any, until each is in force. Several gateways may do this at once."""
    while True:
        with suppress(DatabaseUnreachable, SchedulerUnreachable):
            for control in await restored.read(gateway.database):
                await _hand_over(gateway, control)
        await asyncio.sleep(LOOK_S)


async def _hand_over(gateway: Gateway, control: Control) -> None:
    entry = gateway.board.find(control.job)
    if entry is None or entry.spec is None:
        return  # its worker has not announced it yet
    try:
        await ask(gateway.bus, RestoreControl(job=control.job, control=control))
    except CommandRefused as refused:
        log.warning("control_not_restored_yet", job=control.job, code=refused.code)
        return
    await restored.remove(gateway.database, control)
    log.info("control_restored", job=control.job)
