"""The words of access, as values.

A library goes by its `number`, a small integer of ours: sets of them are small, and quick to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

Libraries = frozenset[int]
"""Numbers of libraries."""

Effect = Literal["allow", "deny", "always"]
"""What a rule says of one person and one library; `always` holds even when the person's access has ended."""

PersonState = Literal["active", "pre_expired", "reminder", "expired", "invited", "suspended", "removed"]
OnExpiry = Literal["off", "disable", "warn", "warn_then_disable"]
HandEdits = Literal["adopt", "revert"]


class AccessPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the settings say about access. Days are calendar days in the zone of the settings.

    A person is `pre_expired` from `pre_expired_days` before the last day on, in `reminder` from `reminder_days` before.
    `on_expiry`: what becomes of access after the last day; with `warn_then_disable` it ends `grace_days` later.
    A run that would take libraries from more than `most_people`, or from more than `most_share` of all people (and from
    more than one), waits for approval. `hand_edits`: what was changed by hand on a server is adopted as an exception,
    or reverted. `lock_on_jellyfin`: a Jellyfin user whose access has ended can't log in either.
    """

    pre_expired_days: Annotated[int, Meta(ge=0, le=365)] = 30
    reminder_days: Annotated[int, Meta(ge=0, le=365)] = 7
    on_expiry: OnExpiry = "disable"
    grace_days: Annotated[int, Meta(ge=0, le=365)] = 7
    most_people: Annotated[int, Meta(ge=0)] = 10
    most_share: Annotated[float, Meta(ge=0, le=1)] = 0.2
    hand_edits: HandEdits = "adopt"
    lock_on_jellyfin: bool = False

    def __post_init__(self) -> None:
        if self.reminder_days > self.pre_expired_days:
            raise ValueError("`reminder_days` must not be more than `pre_expired_days`: reminders come later")


class Subscription(Struct, frozen=True, kw_only=True):
    """Until when. `expires_on` is the last day of access; None is for life.

    `ended_for` is the `expires_on` for which access was ended, `spared_for` the one whose end a person undid: a new
    date makes both void by itself. `end_approved`: the end was approved by a person, so it needs no second approval.
    """

    plan_id: UUID | None = None
    started_on: date
    expires_on: date | None = None
    ended_for: date | None = None
    spared_for: date | None = None
    end_approved: bool = False


class Subscriber(Struct, frozen=True, kw_only=True):
    """All of a person that decides about access. One who is not `managed` is left as found on the servers."""

    id: UUID
    name: str
    state: PersonState = "active"
    managed: bool = False
    suspended: bool = False
    subscription: Subscription | None = None
    rules: Mapping[int, Effect] = field(default_factory=dict)


class Holding(Struct, frozen=True, kw_only=True):
    """An account, and what it was seen to have.

    `settled` is what it had when it last was as it should be; what differs from that since was done by hand on the
    server. None: it never was. `locked_by_us`: we disabled it on the server, where it still is (`locked`) or
    was opened by hand since.
    """

    account_id: UUID
    person_id: UUID
    outside_id: str
    title: str
    email: str = ""
    role: Literal["owner", "admin", "home", "managed", "friend", "user"]
    state: Literal["active", "pending", "disabled", "removed", "wanted"]
    all_libraries: bool = False
    observed: Libraries = frozenset()
    settled: Libraries | None = None
    locked_by_us: bool = False

    @property
    def locked(self) -> bool:
        """Whether the server lets nobody log in with it."""
        return self.state == "disabled"


class Decision(Struct, frozen=True, kw_only=True):
    """What is to be done about one account.

    `give` and `take` are done on the server. `adopt_given` and `adopt_taken` were done there by hand, and become rules
    of the person. `lock`: disable the user, enable them again, or (None) neither. `invite`: the account is yet to be.
    """

    account_id: UUID
    person_id: UUID
    before: Libraries
    after: Libraries
    give: Libraries = frozenset()
    take: Libraries = frozenset()
    adopt_given: Libraries = frozenset()
    adopt_taken: Libraries = frozenset()
    lock: bool | None = None
    invite: bool = False


class Servings(Struct, frozen=True, kw_only=True):
    """One server with all that decides about access to it: its libraries that are there, accounts, and their people.

    `plans`: the libraries of each subscription plan on this server.
    """

    server_id: UUID
    kind: Literal["plex", "jellyfin"]
    name: str
    titles: Mapping[int, str]
    outside_ids: Mapping[int, str]
    plans: Mapping[UUID, Libraries]
    people: Mapping[UUID, Subscriber]
    holdings: tuple[Holding, ...]

    @property
    def present(self) -> Libraries:
        """The libraries that are there."""
        return frozenset(self.titles)
