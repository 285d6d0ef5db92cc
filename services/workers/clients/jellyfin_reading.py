"""What Jellyfin's JSON says, and how its libraries and users are told in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from shared.directory.observation import LibraryKind, SeenAccount, SeenLibrary
from shared.outside.errors import Malformed

T = TypeVar("T")

KINDS: Mapping[str, LibraryKind] = {
    "movies": "movies",
    "tvshows": "shows",
    "music": "music",
    "homevideos": "photos",
    "photos": "photos",
    "books": "books",
    "mixed": "mixed",
}
ITEMS: Mapping[LibraryKind, str] = {
    "movies": "Movie",
    "shows": "Series",
    "music": "MusicAlbum",
    "photos": "Photo,Video",
    "books": "Book,AudioBook",
    "mixed": "Movie,Series,Video",
    "other": "BoxSet,MusicVideo,Video",
}
"""What a library of each kind is counted in (Jellyfin's BaseItemKind)."""


class Folder(msgspec.Struct, rename="pascal"):
    """A library as an administrator sees it; one that Jellyfin has not looked into yet has no id."""

    name: str
    item_id: str | None = None
    collection_type: str | None = None


class MediaFolder(msgspec.Struct, rename="pascal"):
    """A library as a folder of media; other folders, such as playlists, have other types."""

    id: str
    type: str = ""


class Page(msgspec.Struct, rename="pascal"):
    """A page of a listing, and how many entries the whole has."""

    items: list[MediaFolder]
    total_record_count: int


class Policy(msgspec.Struct, rename="pascal"):
    """What a user may."""

    is_administrator: bool
    is_disabled: bool
    enable_all_folders: bool
    enabled_folders: list[str] = []


class User(msgspec.Struct, rename="pascal"):
    """A user."""

    id: str
    name: str
    policy: Policy
    last_activity_date: datetime | None = None


def read(who: str, answer: Any, kind: type[T]) -> T:
    """The answer as a `kind`. Malformed: it lacks something, or is something else."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise Malformed(f"{who} answered with something that is not Jellyfin's: {error}") from None


def check_folders(who: str, folders: Iterable[Folder], page: Page) -> None:
    """Malformed: the list of libraries, which has no count of its own, lacks one that the media folders show."""
    if len(page.items) != page.total_record_count:
        raise Malformed(f"{who} listed {len(page.items)} media folders where it claims {page.total_record_count}")
    known = {plain_id(folder.item_id) for folder in folders if folder.item_id}
    shown = {plain_id(item.id) for item in page.items if item.type == "CollectionFolder"}
    if shown - known:
        raise Malformed(f"{who} left {len(shown - known)} libraries out of its list")
    if known and not shown:
        raise Malformed(f"{who} contradicts itself about its libraries: one of its lists is empty")


def check_users(who: str, users: Iterable[User]) -> None:
    """Malformed: there is no administrator among them, without whom Jellyfin can't be."""
    if not any(user.policy.is_administrator for user in users):
        raise Malformed(f"{who} listed its users without an administrator")


def kind_of(folder: Folder) -> LibraryKind:
    """What a library holds; Jellyfin leaves the type of a mixed one out."""
    return KINDS.get(folder.collection_type or "mixed", "other")


def library(folder: Folder, item_count: int) -> SeenLibrary:
    """A library, with the number of its items."""
    return SeenLibrary(
        outside_id=plain_id(folder.item_id or ""), title=folder.name, kind=kind_of(folder), item_count=item_count
    )


def account(user: User) -> SeenAccount:
    """A user as an account."""
    return SeenAccount(
        outside_id=plain_id(user.id),
        username=user.name,
        title=user.name,
        role="admin" if user.policy.is_administrator else "user",
        state="disabled" if user.policy.is_disabled else "active",
        all_libraries=user.policy.enable_all_folders,
        last_active_at=user.last_activity_date,
    )


def access(user: User, libraries: Iterable[str]) -> frozenset[str]:
    """Which of the `libraries` a user sees."""
    enabled = {plain_id(folder) for folder in user.policy.enabled_folders}
    return frozenset(key for key in libraries if user.policy.enable_all_folders or key in enabled)


def plain_id(text: str) -> str:
    """An id as Jellyfin mostly writes it: without dashes, in small letters."""
    return text.replace("-", "").lower()
