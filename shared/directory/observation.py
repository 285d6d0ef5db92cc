"""What was seen on one server in one look: whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

LibraryKind = Literal["movies", "shows", "music", "photos", "books", "mixed", "other"]
Role = Literal["owner", "admin", "home", "managed", "friend", "user"]
AccountState = Literal["active", "pending", "disabled"]
ServerState = Literal["up", "down", "unknown", "unauthorized"]

INVITED = "invited-"
"""With the number of their share after it, the outside id of somebody who was invited and is not on plex.tv yet."""


class SeenLibrary(Struct, frozen=True, kw_only=True):
    """A library. `item_count` counts what the library is made of: movies, shows, artists or albums, photos."""

    outside_id: str
    title: str
    kind: LibraryKind
    item_count: int


class SeenAccount(Struct, frozen=True, kw_only=True):
    """An account. `outside_id` is the server's own name for it (Jellyfin) or plex.tv's number.

    `share_id` is plex.tv's number of the share, if there is one: the same before and after its invitation is accepted,
    when whoever was invited by e-mail gets a number.
    """

    outside_id: str
    username: str
    title: str
    email: str = ""
    role: Role
    state: AccountState = "active"
    all_libraries: bool = False
    last_active_at: datetime | None = None
    share_id: str = ""


class Observation(Struct, frozen=True, kw_only=True):
    """Everything seen. `access`: for each account's outside id, the outside ids of the libraries that it sees."""

    identifier: str
    real_name: str
    version: str
    libraries: tuple[SeenLibrary, ...]
    accounts: tuple[SeenAccount, ...]
    access: Mapping[str, frozenset[str]] = field(default_factory=dict)
