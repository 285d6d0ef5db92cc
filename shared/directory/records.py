"""The rows of the media schema. Times are UTC; a field that is not known is "" or None."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from shared.runtime.secrets import Secret

from .observation import AccountState, LibraryKind, Role, ServerState

MediaKind = Literal["plex", "jellyfin"]
"""Servers with libraries, on which people have accounts."""
ServerKind = MediaKind | Literal["shoko"]
"""Shoko Server keeps what Jellyfin servers with its plugin know of anime: nobody gets access there."""

PRODUCTS: Mapping[ServerKind, str] = {"plex": "Plex", "jellyfin": "Jellyfin", "shoko": "Shoko"}


class Server(Struct, frozen=True, kw_only=True):
    """A server. `name` is ours, `real_name` its own; the token stays sealed until `Directory.token` is asked.

    `shoko_id`, of a Jellyfin server: the Shoko Server behind its plugin; None is the only one, if there is just one.
    """

    id: UUID
    kind: ServerKind
    name: str
    url: str
    local_url: str
    public_url: str
    identifier: str
    real_name: str
    version: str
    state: ServerState
    state_since: datetime
    last_seen_at: datetime | None
    last_error: str
    latency_ms: float | None
    enabled: bool
    created_at: datetime
    shoko_id: UUID | None = None

    @property
    def serves_media(self) -> bool:
        """Whether it has libraries, and people accounts on it."""
        return self.kind != "shoko"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it may be reached, in the order in which to try."""
        return tuple(dict.fromkeys(url for url in (self.url, self.local_url, self.public_url) if url))


class NewServer(Struct, frozen=True, kw_only=True):
    """What a person says of a server to add it."""

    kind: ServerKind
    name: str
    url: str
    token: Secret
    local_url: str = ""
    public_url: str = ""
    enabled: bool = True
    shoko_id: UUID | None = None


class ServerEdit(Struct, frozen=True, kw_only=True):
    """What a person changes of a server; None leaves it as it is, but a `shoko_id` of None takes that away."""

    name: str | None = None
    url: str | None = None
    local_url: str | None = None
    public_url: str | None = None
    token: Secret | None = None
    enabled: bool | None = None
    shoko_id: UUID | UnsetType | None = UNSET


class Sighting(Struct, frozen=True, kw_only=True):
    """What a look at a server gave. What `identifier`, `real_name` and `version` do not know, the row keeps."""

    state: ServerState
    error: str = ""
    identifier: str = ""
    real_name: str = ""
    version: str = ""
    latency_ms: float | None = None


class ShokoPerson(Struct, frozen=True, kw_only=True):
    """Who a person is on a Shoko Server: `outside_id` is its number for the user. `revoked`: their key opens nothing.

    The key stays sealed until `ShokoUsers.key` is asked.
    """

    server_id: UUID
    person_id: UUID
    person: str
    outside_id: str
    username: str
    state: Literal["ok", "revoked"] = "ok"
    changed_at: datetime
    changed_by: str


class Library(Struct, frozen=True, kw_only=True):
    """A library; `outside_id` is its server's own name for it, `number` ours in sets of libraries.

    `removed_at`: when it was first missed.
    """

    id: UUID
    server_id: UUID
    outside_id: str
    title: str
    kind: LibraryKind
    item_count: int
    number: int
    created_at: datetime
    removed_at: datetime | None


class Account(Struct, frozen=True, kw_only=True):
    """A person's account on one server. `all_libraries`: what is added to the server is theirs too."""

    id: UUID
    server_id: UUID
    outside_id: str
    person_id: UUID
    username: str
    title: str
    email: str
    role: Role
    state: AccountState | Literal["removed", "wanted"]
    all_libraries: bool
    last_active_at: datetime | None
    created_at: datetime
    removed_at: datetime | None
