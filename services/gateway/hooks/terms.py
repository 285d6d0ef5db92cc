"""What hooks are, and what becomes of them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from shared.contracts.feed import Run

Proof = Literal["signature", "token"]
"""How a caller shows that it may: it signs what it sends, or knows a token that stands in the address."""
CallResult = Literal["started", "coalesced", "ignored"]
"""What a call came to. Coalesced: the job is running or queued already; ignored: an event that the hook passes over."""
HookEvent = Literal["finished", "failed", "recovered", "held"]
ToldEvent = Literal["finished", "failed", "recovered", "held", "test"]
"""What a hook is told: of a run, or, because somebody wants to see whether it arrives, of none."""
DeliveryState = Literal["due", "sent", "failed"]


class HookIn(Struct, frozen=True, kw_only=True):
    """A call at /hooks/{name} runs `job` with these `params`. No `events`: any event does, also none.

    At most `per_minute` calls a minute lead to a run. `last_result` is empty until the first call.
    """

    name: str
    job: str
    params: dict[str, Any]
    events: tuple[str, ...]
    proof: Proof
    per_minute: int
    enabled: bool
    created_at: datetime
    called_at: datetime | None
    last_event: str
    last_result: CallResult | Literal[""]


class HookOut(Struct, frozen=True, kw_only=True):
    """`url` is told of these `events` of the runs of these `jobs` and `categories`; of all, if both are empty.

    A hook that wants `finished` is told of every end.
    """

    id: UUID
    name: str
    url: str
    events: tuple[HookEvent, ...]
    jobs: tuple[str, ...]
    categories: tuple[str, ...]
    enabled: bool
    created_at: datetime


class HookDelivery(Struct, frozen=True, kw_only=True):
    """How a hook was told of a run; a test is about none, and its `job` is empty.

    `id` stays the same however often it is sent; `number` is higher for a later one.

    `answer` is what the last try came to: the first 500 characters of an answer with this `status`, or why there was
    none. A due one is tried at `next_at`.
    """

    id: UUID
    number: int
    hook: str
    run: UUID | None
    job: str
    event: ToldEvent
    state: DeliveryState
    tries: int
    status: int | None
    answer: str
    created_at: datetime
    next_at: datetime
    closed_at: datetime | None


class HookMessage(Struct, frozen=True, kw_only=True, tag="hook.v1"):
    """What a hook is sent: the run as it stands in the feed, but for the trace of its error."""

    delivery: UUID
    hook: str
    event: HookEvent
    run: Run


class HookTest(Struct, frozen=True, kw_only=True, tag="hook_test.v1"):
    """What a hook is sent by a test: nothing has happened."""

    delivery: UUID
    hook: str
    event: Literal["test"] = "test"
