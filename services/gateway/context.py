"""What every part of one gateway shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import ClientSession

from shared.directory.directory import Directory
from shared.messaging import Bus

from .auth.passwords import Passwords
from .auth.sessions import Sessions
from .auth.throttle import Throttle
from .auth.tokens import Tokens
from .auth.trail import Trail
from .board import Board
from .hub import Hub
from .metrics import Metrics
from .runwatch import RunWatch
from .store.database import Database


@dataclass(slots=True, kw_only=True)
class Gateway:
    """One gateway process. `stopping` is set once: from then on it is not ready."""

    board: Board
    hub: Hub
    run_watch: RunWatch
    bus: Bus
    database: Database
    directory: Directory
    outside: ClientSession
    passwords: Passwords
    sessions: Sessions
    tokens: Tokens
    throttle: Throttle
    trail: Trail
    metrics: Metrics
    board_loaded: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False
    database_up: bool = True
