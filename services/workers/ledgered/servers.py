"""Doing something on each server of a kind at the same time; one that fails stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from shared.directory.errors import DirectoryError
from shared.directory.records import Server
from shared.outside.errors import OutsideError
from shared.runtime.secrets import VaultError

from ..door import RunContext

T = TypeVar("T")

EXPECTED = (OutsideError, DirectoryError, VaultError)
AT_ONCE = 4


class Failed(Struct, frozen=True, kw_only=True):
    """A server on which something could not be done, or not all of it, and why."""

    server: Server
    why: str
    transient: bool


async def on_each(
    run: RunContext, servers: Sequence[Server], do: Callable[[Server], Awaitable[T]]
) -> tuple[list[T], list[Failed]]:
    """What `do` gave for the servers, and those where it failed as may be expected."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(server: Server) -> T | Failed:
        async with room:
            try:
                return await do(server)
            except EXPECTED as error:
                return _failed(run, server, error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(server)) for server in servers]
    results = [task.result() for task in tasks]
    return (
        [result for result in results if not isinstance(result, Failed)],
        [result for result in results if isinstance(result, Failed)],
    )


def awake(servings: Sequence[Server]) -> tuple[list[Server], list[str]]:
    """The servers that may be asked, and of those that are down a clause each; disabled ones do not count."""
    enabled = [server for server in servings if server.enabled]
    return (
        [server for server in enabled if server.state != "down"],
        [
            f"{server.name} has been down since {server.state_since:%Y-%m-%d %H:%M} UTC"
            for server in enabled
            if server.state == "down"
        ],
    )


def _failed(run: RunContext, server: Server, error: Exception) -> Failed:
    # A message that does not name the server is about plex.tv, or about what we keep.
    why = str(error) if server.name in str(error) else f"{server.name}: {error}"
    run.log(why, "error")
    return Failed(server=server, why=why, transient=isinstance(error, OutsideError) and error.transient)
