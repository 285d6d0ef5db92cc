"""What every part of one gateway shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import ClientSession

from shared.backups.backups import Backups
from shared.directory.accessbook import AccessBook
from shared.directory.alerts import Alerts
from shared.directory.directory import Directory
from shared.directory.ledger import Ledger
from shared.directory.mailroom import Mailroom
from shared.directory.membership import Membership
from shared.directory.preferences import Preferences
from shared.directory.shokousers import ShokoUsers
from shared.messaging import Bus
from shared.runtime.traces import Tracer

from .auth.consents import Consents
from .auth.passwords import Passwords
from .auth.sessions import Sessions
from .auth.throttle import Throttle
from .auth.tokens import Tokens
from .auth.trail import Trail
from .board import Board
from .hooks.book import Hooks
from .hub import Hub
from .metrics import Metrics
from .notices import Notices
from .outlook import Outlooks
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
    membership: Membership
    access_book: AccessBook
    ledger: Ledger
    preferences: Preferences
    mailroom: Mailroom
    alerts: Alerts
    shoko_users: ShokoUsers
    backups: Backups
    outlooks: Outlooks
    outside: ClientSession
    passwords: Passwords
    sessions: Sessions
    tokens: Tokens
    throttle: Throttle
    consents: Consents
    hooks: Hooks
    trail: Trail
    metrics: Metrics
    tracer: Tracer | None
    notices: Notices
    board_loaded: asyncio.Event = field(default_factory=asyncio.Event)
    needs_doubted: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False
    database_up: bool = True

    def changed(self) -> None:
        """A person changed something here: what was worked out before may not hold any more."""
        self.outlooks.forget()
        self.needs_doubted.set()
