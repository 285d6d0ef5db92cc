"""Who is playing what on a Plex media server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.simulators.household import Person
from tests.simulators.plex_format import Element, Value

HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True)
class PlexPlaying:
    """That a person plays an item (its rating key). `offset_ms` is how far they are."""

    person: Person
    rating_key: int
    title: str
    kind: Literal["movie", "episode"] = "movie"
    state: Literal["playing", "paused", "buffering"] = "playing"
    offset_ms: int = 0
    device: str = "Living room"


def session(playing: PlexPlaying, number: int) -> Element:
    """An entry of /status/sessions, the `number`th."""
    key = f"{playing.rating_key}-{number}"
    user = Element("User", {"id": str(playing.person.id), "title": playing.person.title}, single=True)
    player = Element(
        "Player",
        {
            "machineIdentifier": f"player-{key}",
            "platform": "Android",
            "product": "Plex for Android (TV)",
            "state": playing.state,
            "title": playing.device,
            "local": True,
            "relayed": False,
            "secure": True,
            "userID": playing.person.id,
        },
        single=True,
    )
    connection = Element("Session", {"id": f"session-{key}", "bandwidth": 8000, "location": "lan"}, single=True)
    attributes: dict[str, Value] = {
        "ratingKey": str(playing.rating_key),
        "key": f"/library/metadata/{playing.rating_key}",
        "sessionKey": str(number),
        "type": playing.kind,
        "title": playing.title,
        "viewOffset": playing.offset_ms,
        "duration": 2 * HOUR_MS,
        "addedAt": 1_700_000_000,
    }
    return Element("Video", attributes, [user, player, connection], json_tag="Metadata")
