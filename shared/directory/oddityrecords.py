"""What contradicts itself in the database, though none of its rules is broken."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

OddityKind = Literal[
    "access_of_removed_account",
    "access_to_removed_library",
    "access_across_servers",
    "settled_of_removed_account",
    "trouble_of_removed_account",
    "change_not_begun",
    "change_without_server",
    "change_left_open",
    "message_in_hand",
    "campaign_over",
    "campaign_overdue",
    "server_never_seen",
    "person_without_name",
    "person_without_anything",
    "plex_user_of_several",
    "subscription_of_removed",
    "subscription_of_unmanaged",
    "plan_with_removed_library",
    "rule_for_removed_library",
]


class Oddity(Struct, frozen=True, kw_only=True):
    """A contradiction: its kind, the row's id, and what it is about, for a person."""

    kind: OddityKind
    id: str
    target: str
    detail: str = ""
