"""What our jobs work with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.directory.accessbook import AccessBook
from shared.directory.alerts import Alerts
from shared.directory.consistency import Consistency
from shared.directory.directory import Directory
from shared.directory.ledger import Ledger
from shared.directory.mailroom import Mailroom
from shared.directory.membership import Membership
from shared.directory.preferences import Preferences
from shared.directory.shokousers import ShokoUsers
from shared.directory.watchmemory import WatchMemory
from shared.history.history import History
from shared.runtime.clock import utc_now
from shared.runtime.metrics import Meter
from shared.runtime.secrets import Vault

from .clients.clients import Clients


class Tools(Struct, frozen=True, kw_only=True):
    """The doors of the directory, the way to the servers, and what time it is. `zone` is that of the settings.

    Requests to servers outside are counted in `meter`.
    """

    directory: Directory
    membership: Membership
    books: AccessBook
    ledger: Ledger
    preferences: Preferences
    mailroom: Mailroom
    alerts: Alerts
    history: History
    consistency: Consistency
    shoko_users: ShokoUsers
    watch_memory: WatchMemory
    clients: Clients
    zone: ZoneInfo
    meter: Meter
    now: Callable[[], datetime] = utc_now

    @property
    def today(self) -> date:
        """The calendar day, by which access ends."""
        return self.now().astimezone(self.zone).date()


def tools_over(
    pool: Any,
    vault: Vault,
    clients: Clients,
    zone: ZoneInfo,
    now: Callable[[], datetime] = utc_now,
    *,
    meter: Meter | None = None,
) -> Tools:
    """All of them over one `pool`, which comes from `open_pool(url, schema=SCHEMA)`."""
    return Tools(
        directory=Directory(pool, vault),
        membership=Membership(pool),
        books=AccessBook(pool),
        ledger=Ledger(pool),
        preferences=Preferences(pool),
        mailroom=Mailroom(pool, vault, zone),
        alerts=Alerts(pool, vault),
        history=History(pool),
        consistency=Consistency(pool),
        shoko_users=ShokoUsers(pool, vault),
        watch_memory=WatchMemory(pool),
        clients=clients,
        zone=zone,
        meter=meter or Meter(),
        now=now,
    )
