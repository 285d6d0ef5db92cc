"""The hooks by which other programs are told how runs ended."""

from __future__ import annotations

from msgspec import Struct

from ..hooks.terms import HookEvent, HookOut
from .database import Connection
from .hook_table import HookTable

HOOKS_OUT = HookTable("hook_out", HookOut)


class HookOutBody(Struct, frozen=True, kw_only=True):
    """What people decide about a hook out; see `HookOut`."""

    url: str
    events: tuple[HookEvent, ...]
    jobs: tuple[str, ...]
    categories: tuple[str, ...]
    enabled: bool


async def listening(connection: Connection) -> list[HookOut]:
    """The hooks that are to be told of runs now; asked in the transaction that writes how the runs ended."""
    return [HOOKS_OUT.hook(row) for row in await connection.fetch("SELECT * FROM hook_out WHERE enabled")]
