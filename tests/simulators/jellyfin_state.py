"""What a Jellyfin server knows: its libraries, users with their policies and passwords, and who holds which token."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from tests.simulators.household import Household, Library, Membership, Person, Server
from tests.simulators.jellyfin_media import Media
from tests.simulators.jellyfin_plugin import PLUGIN_ID, Plugin
from tests.simulators.jellyfin_tasks import Tasks

ITEM_TYPES = {
    "movie": "Movie",
    "show": "Series",
    "season": "Season",
    "episode": "Episode",
    "artist": "MusicArtist",
    "album": "MusicAlbum",
    "track": "Audio",
    "photo": "Photo",
}
"""Jellyfin's names for the kinds of items."""

PASSWORD_PROVIDER = "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider"
RESET_PROVIDER = "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider"

POLICY: dict[str, object] = {
    "IsAdministrator": False,
    "IsHidden": True,
    "EnableCollectionManagement": False,
    "EnableSubtitleManagement": False,
    "EnableLyricManagement": False,
    "IsDisabled": False,
    "MaxParentalRating": None,
    "MaxParentalSubRating": None,
    "BlockedTags": [],
    "AllowedTags": [],
    "EnableUserPreferenceAccess": True,
    "AccessSchedules": [],
    "BlockUnratedItems": [],
    "EnableRemoteControlOfOtherUsers": False,
    "EnableSharedDeviceControl": True,
    "EnableRemoteAccess": True,
    "EnableLiveTvManagement": True,
    "EnableLiveTvAccess": True,
    "EnableMediaPlayback": True,
    "EnableAudioPlaybackTranscoding": True,
    "EnableVideoPlaybackTranscoding": True,
    "EnablePlaybackRemuxing": True,
    "ForceRemoteSourceTranscoding": False,
    "EnableContentDeletion": False,
    "EnableContentDeletionFromFolders": [],
    "EnableContentDownloading": True,
    "EnableSyncTranscoding": True,
    "EnableMediaConversion": False,
    "EnabledDevices": [],
    "EnableAllDevices": True,
    "EnabledChannels": [],
    "EnableAllChannels": True,
    "EnabledFolders": [],
    "EnableAllFolders": True,
    "InvalidLoginAttemptCount": 0,
    "LoginAttemptsBeforeLockout": -1,
    "MaxActiveSessions": 0,
    "EnablePublicSharing": True,
    "BlockedMediaFolders": None,
    "BlockedChannels": None,
    "RemoteClientBitrateLimit": 0,
    "AuthenticationProviderId": PASSWORD_PROVIDER,
    "PasswordResetProviderId": RESET_PROVIDER,
    "SyncPlayAccess": "CreateAndJoinGroups",
}
"""A policy as the constructor of Jellyfin's UserPolicy leaves it: what a posted policy leaves out falls back to THIS,
so one that forgets EnableAllFolders opens every library."""


@dataclass
class User:
    """A user of this server."""

    id: str
    name: str
    password: str
    policy: dict[str, object]
    last_activity: datetime | None = None
    last_login: datetime | None = None

    @property
    def is_administrator(self) -> bool:
        """Whether they may do everything."""
        return self.policy["IsAdministrator"] is True

    @property
    def is_disabled(self) -> bool:
        """Whether they are locked out."""
        return self.policy["IsDisabled"] is True

    def sees(self, library: Library) -> bool:
        """Whether the library is open to them."""
        folders = self.policy["EnabledFolders"]
        return self.policy["EnableAllFolders"] is True or (isinstance(folders, list) and library.item_id in folders)


@dataclass(frozen=True)
class Visitor:
    """Who makes a request: a user, or the holder of an API key (None), who may do everything."""

    user: User | None

    @property
    def is_administrator(self) -> bool:
        """Whether they may do everything."""
        return self.user is None or self.user.is_administrator


@dataclass(frozen=True, kw_only=True)
class Playing:
    """That a user plays something; with no `item` their player is open, and idle. `position` is in ticks of 100 ns."""

    user: User
    item: str | None
    at: datetime
    """When the player was last heard of."""
    position: int = 0
    paused: bool = False
    device: str = "Living room"


@dataclass
class JellyfinState:
    """One server's truth. `now` gives the time of changes (UTC)."""

    server: Server
    libraries: dict[str, Library] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sessions: dict[str, str] = field(default_factory=dict)
    """User ids by access token."""
    sessions_playing: list[Playing] = field(default_factory=list)
    plugins: dict[str, Plugin] = field(default_factory=lambda: {PLUGIN_ID: Plugin()})
    """What is installed, by id; without Shokofin its tasks are not there either."""
    refreshing: dict[str, float | None] = field(default_factory=dict)
    """The libraries that are being refreshed: the share that is done (0 to 1), or None while they wait for it."""
    media: Media = field(init=False)
    tasks: Tasks = field(init=False)

    def __post_init__(self) -> None:
        self.media = Media(self.libraries, self.now)
        self.tasks = Tasks(self.now)

    @property
    def api_key(self) -> str:
        """The key that an administrator has made for other programs."""
        return hashlib.sha256(f"key/{self.server.identifier}".encode()).hexdigest()[:32]

    @property
    def administrator(self) -> User:
        """The first administrator. StopIteration: there is none left."""
        return next(user for user in self.users.values() if user.is_administrator)

    def visitor(self, token: str) -> Visitor | None:
        """Who comes with this token, or None: nobody, or somebody who is locked out."""
        if token == self.api_key:
            return Visitor(None)
        user = self.users.get(self.sessions.get(token, ""))
        return Visitor(user) if user and not user.is_disabled else None

    def named(self, name: str) -> User | None:
        """The user of this name, letter case aside."""
        return next((user for user in self.users.values() if user.name.lower() == name.lower()), None)

    def log_in(self, user: User, device: str) -> str:
        """Open a session: gives its token, the same again for the same device, as Jellyfin does."""
        token = hashlib.sha256(f"session/{user.id}/{device}".encode()).hexdigest()[:32]
        self.sessions[token] = user.id
        user.last_login = user.last_activity = self.now()
        return token

    def log_out_everywhere(self, user: User) -> None:
        """End all sessions of a user."""
        self.sessions = {token: owner for token, owner in self.sessions.items() if owner != user.id}

    def add_user(self, name: str, password: str) -> User:
        """Add a user who may see everything, as new users do."""
        user = User(
            id=uuid.uuid5(uuid.UUID(self.server.identifier), f"{name}/{len(self.users)}/{self.now()}").hex,
            name=name,
            password=password,
            policy=dict(POLICY),
        )
        self.users[user.id] = user
        return user

    def remove_user(self, user: User) -> None:
        """Delete a user."""
        del self.users[user.id]
        self.log_out_everywhere(user)

    def add_library(self, library: Library) -> None:
        """Let the server have one more library; who has all has it at once."""
        self.libraries[library.item_id] = library

    def remove_library(self, library_id: str) -> None:
        """Delete a library; policies name it still, as Jellyfin leaves them. KeyError: no such library."""
        del self.libraries[library_id]

    def holdings(self, library: Library) -> dict[str, int]:
        """How many items of each of Jellyfin's types a library holds: its real ones, else as many as are set."""
        counted = {ITEM_TYPES[kind]: count for kind, count in library.items.items()}
        return self.media.holdings(library.item_id) or counted

    def set_items(self, library_id: str, kind: str, count: int) -> None:
        """Let a library hold `count` items of a kind. KeyError: no such library."""
        library = self.libraries[library_id]
        self.libraries[library_id] = msgspec.structs.replace(library, items=library.items | {kind: count})


def jellyfin_state(
    household: Household, identifier: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> JellyfinState:
    """The state of one of the household's Jellyfin servers. KeyError: it has no such server."""
    servers = {server.identifier: server for server in household.servers_of("jellyfin")}
    server = servers[identifier]
    state = JellyfinState(server, {library.item_id: library for library in server.libraries}, now=now)
    people = {person.id: person for person in household.people}
    _settle(state, people[server.owner], IsAdministrator=True)
    for membership in household.members_of(server):
        user = _settle(
            state,
            people[membership.person],
            IsDisabled=membership.disabled,
            EnableAllFolders=membership.libraries is None,
            EnabledFolders=_folders(server, membership),
        )
        user.last_activity = user.last_login = membership.last_seen
    return state


def _settle(state: JellyfinState, person: Person, **policy: object) -> User:
    user_id = uuid.uuid5(uuid.UUID(state.server.identifier), str(person.id)).hex
    user = User(user_id, person.username or person.title, f"pw-{person.id}", POLICY | policy)
    state.users[user_id] = user
    return user


def _folders(server: Server, membership: Membership) -> list[str]:
    keys = membership.libraries or ()
    return [library.item_id for library in server.libraries if library.key in keys]
