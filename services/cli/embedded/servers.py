"""Several servers at once: started side by side, kept running, stopped side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.server import Server


@asynccontextmanager
async def started(*servers: Server) -> AsyncIterator[None]:
    """The servers, ready; stopped afterwards.

    Raises ServerError if one does not start; nothing is left running then.
    """
    try:
        await _start(*servers)
        yield
    finally:
        async with asyncio.TaskGroup() as group:
            for server in servers:
                group.create_task(server.stop())


async def keep_running(*servers: Server, report: Callable[[str], None]) -> None:
    """Start any of them again whenever it ends by itself, for ever; tell `report` each time.

    Cancel it before stopping them.
    """
    async with asyncio.TaskGroup() as group:
        for server in servers:
            group.create_task(server.keep_running(report))


async def _start(*servers: Server) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for server in servers:
                group.create_task(server.start())
    except ExceptionGroup as failures:
        # A person mends one thing at a time: the first reason, as plainly as from a single server.
        reasons, others = failures.split(EmbeddedError)
        if reasons is None or others is not None:
            raise
        raise reasons.exceptions[0] from None
