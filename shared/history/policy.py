"""How long what is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Kind = Literal["runs", "logs", "slots", "hook_deliveries", "audit", "deliveries", "alerts", "events", "spells"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Days = Annotated[int, Meta(ge=0, le=3660)]

REPLAYED = 7
"""Days for which reports stay in NATS: what they tell of a run may be read again."""
REMEMBERED = 60
"""Days for which the keys of notices decide what was sent: see `shared.directory.posting`."""
LEAST: Mapping[Kind, int] = {"runs": REPLAYED, "logs": REPLAYED, "slots": REPLAYED, "deliveries": REMEMBERED}


class HistoryPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many days history is kept, kind by kind; 0: for ever.

    `runs` go with their attempts, logs and changes; `logs` may go sooner. `slots`: accounts of those not fired;
    `deliveries`: mail; `events`: what happened to people; `spells`: how servers were.
    """

    runs: Days = 90
    logs: Days = 30
    slots: Days = 30
    hook_deliveries: Days = 30
    audit: Days = 0
    deliveries: Days = 365
    alerts: Days = 90
    events: Days = 0
    spells: Days = 365

    def __post_init__(self) -> None:
        for kind, least in LEAST.items():
            if 0 < self.days(kind) < least:
                raise ValueError(f"`{kind}`: at least {least} days are needed for work; 0 keeps them for ever")

    def days(self, kind: Kind) -> int:
        """For how many days this kind is kept; 0: for ever."""
        found: int = getattr(self, kind)
        return found


def limits(policy: HistoryPolicy, now: datetime) -> dict[Kind, datetime]:
    """Before which moment each kind has had its time; what is kept for ever is left out."""
    return {kind: now - timedelta(days=policy.days(kind)) for kind in KINDS if policy.days(kind)}
