"""An anime collection for a household: a Jellyfin library as Shokofin fills it, and the Shoko Server behind it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import islice

from tests.simulators.household import AS_OF, Library
from tests.simulators.jellyfin_shoko import shoko_library
from tests.simulators.jellyfin_state import JellyfinState
from tests.simulators.shoko_collection import follow, stock
from tests.simulators.shoko_state import ShokoState, shoko_state

SERIES, EPISODES, DOUBLES = 12, 240, 12
USERS = 3
TITLE = "Anime by Shoko"
"""Households may have a library called Anime already."""


def collect(state: JellyfinState) -> ShokoState:
    """Add the library to a Jellyfin server, and give the Shoko Server whose users are the first of its guests.

    They have the same names at Shoko; a password is "pw-" and the name. Each has watched something there.
    """
    library = _library(state)
    state.add_library(library)
    items = shoko_library(state, library.item_id, series=SERIES, episodes=EPISODES, doubles=DOUBLES)
    guests = (user.name for user in state.users.values() if not (user.is_administrator or user.is_disabled))
    shoko = shoko_state(users=islice(guests, USERS))
    stock(shoko.collection, series=SERIES, files=EPISODES, nested=True)
    follow(shoko.collection, [item.provider_ids for item in items])
    for days, user in enumerate(shoko.users.values()):
        shoko.watch_all([user.name], every=3 + days, at=AS_OF - timedelta(days=days))
    return shoko


def _library(state: JellyfinState) -> Library:
    keys = [library.key for library in state.libraries.values()]
    key = max(keys, default=0) + 1
    return Library(
        key=key,
        section_id=0,
        item_id=uuid.uuid5(uuid.UUID(state.server.identifier), "anime").hex,
        title=TITLE,
        kind="show",
        location="/media/anime",
        items={"show": 0, "season": 0, "episode": 0},
    )
