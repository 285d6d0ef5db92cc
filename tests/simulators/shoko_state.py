"""What a Shoko server knows: its users, who holds which key, what each has watched, and its collection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from tests.simulators.shoko_collection import Collection, File

NOWHERE = timedelta()
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class UserStats(Struct, frozen=True, kw_only=True, gc=False):
    """What one user has watched of one file. Times are UTC; a position of 0 is none."""

    position: timedelta = NOWHERE
    count: int = 0
    last_watched_at: datetime | None = None
    last_updated_at: datetime


@dataclass
class User:
    """A user; `syncs_anidb` has the server tell AniDB whenever they have watched something."""

    id: int
    name: str
    password: str
    is_admin: bool = False
    syncs_anidb: bool = False


@dataclass
class ShokoState:
    """One server's truth. `version` is 4.2, 5.3, 6.0 or the like; `now` gives the time of changes (UTC)."""

    version: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    collection: Collection = field(default_factory=Collection)
    users: dict[int, User] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """User ids by key."""
    stats: dict[tuple[int, int], UserStats] = field(default_factory=dict)
    """By user id and file id."""
    failing: dict[str, int] = field(default_factory=dict)
    """A status by key: what comes with the key is answered so, and changes nothing."""
    _devices: dict[tuple[int, str], str] = field(default_factory=dict, repr=False)
    _issued: int = 0

    @property
    def major(self) -> int:
        """The version's first number."""
        return int(self.version.split(".")[0])

    @property
    def administrator(self) -> User:
        """The first administrator. StopIteration: there is none left."""
        return next(user for user in self.users.values() if user.is_admin)

    @property
    def admin_key(self) -> str:
        """A key of the first administrator."""
        return self.log_in(self.administrator, "tests")

    def add_user(self, name: str, password: str = "", *, is_admin: bool = False, syncs_anidb: bool = False) -> User:
        """A new user."""
        user = User(max(self.users, default=0) + 1, name, password or f"pw-{name}", is_admin, syncs_anidb)
        self.users[user.id] = user
        return user

    def named(self, name: str) -> User:
        """The user of this name, letter case aside. KeyError: there is none."""
        for user in self.users.values():
            if user.name.lower() == name.lower():
                return user
        raise KeyError(name)

    def log_in(self, user: User, device: str) -> str:
        """A key of the user, the same again for the same device until it is revoked, as Shoko does."""
        place = (user.id, device.strip().lower())
        key = self._devices.get(place)
        if key is None or key not in self.keys:
            self._issued += 1
            key = hashlib.sha256(f"{place}/{self._issued}".encode()).hexdigest()[:32]
            self._devices[place] = key
            self.keys[key] = user.id
        return key

    def key_of(self, name: str) -> str:
        """A key of the user of this name. KeyError: there is none."""
        return self.log_in(self.named(name), "tests")

    def revoke(self, key: str) -> None:
        """Let a key open nothing any more. KeyError: it opened nothing before."""
        del self.keys[key]

    def visitor(self, key: str) -> User | None:
        """Who comes with this key, or None."""
        return self.users.get(self.keys.get(key.strip(), 0))

    def listing(self, user: User, *, latest_first: bool) -> list[File]:
        """All files; if asked for, those that the user has touched last come first, those that they never did last."""
        files = list(self.collection.files.values())
        if not latest_first:
            return files
        touched = {file: stats.last_updated_at for (owner, file), stats in self.stats.items() if owner == user.id}
        return sorted(files, key=lambda file: touched.get(file.id, LONG_AGO), reverse=True)

    def stats_of(self, name: str, file: int) -> UserStats | None:
        """What is known of a user and a file. KeyError: no such user."""
        return self.stats.get((self.named(name).id, file))

    def watch(
        self,
        name: str,
        file: int,
        *,
        at: datetime | None = None,
        watched: bool = True,
        count: int = 1,
        position: timedelta = NOWHERE,
    ) -> UserStats:
        """Let a user have watched a file, or have begun to, `at` a time (now). KeyError: no such user or file."""
        moment = at or self.now()
        stats = UserStats(
            position=position,
            count=count,
            last_watched_at=moment if watched else None,
            last_updated_at=moment,
        )
        self.stats[self.named(name).id, self.collection.files[file].id] = stats
        return stats

    def watch_all(self, names: Iterable[str], *, every: int = 1, at: datetime | None = None) -> None:
        """Let users have watched every so manyeth file."""
        moment = at or self.now()
        stats = UserStats(count=1, last_watched_at=moment, last_updated_at=moment)
        files = list(self.collection.files)[::every]
        for name in names:
            user = self.named(name).id
            self.stats.update(((user, file), stats) for file in files)


def shoko_state(
    *,
    version: str = "5.3",
    users: Iterable[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ShokoState:
    """A server with no file yet, an administrator, "admin", and these users; a password is "pw-" and the name."""
    state = ShokoState(version, now)
    state.add_user("admin", is_admin=True)
    for name in users:
        state.add_user(name)
    return state
