"""How Plex, Jellyfin and Shoko are asked who they are, and how a request shows its token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from shared.directory.records import ServerKind
from shared.runtime.secrets import Secret

from .errors import Unauthorized

PROGRAM, VERSION = "Showrunner", "1"
PLEX_TV = "https://plex.tv"
SHOKO_NAME = "Shoko Server"


class Identity(NamedTuple):
    """What a server says of itself; what it does not tell, or not yet, is ""."""

    identifier: str
    name: str
    version: str


class Questions(NamedTuple):
    """Two requests: one that anybody may make, and one that only the right token opens."""

    open_path: str
    closed_path: str


QUESTIONS: Mapping[ServerKind, Questions] = {
    "plex": Questions("/identity", "/"),
    # The libraries are for administrators alone, which /System/Info is not.
    "jellyfin": Questions("/System/Info/Public", "/Library/VirtualFolders"),
    # Its users are for administrators alone.
    "shoko": Questions("/api/v3/Init/Version", "/api/v3/User"),
}


class _PlexContainer(msgspec.Struct, rename="camel"):
    machine_identifier: str
    version: str
    friendly_name: str = ""


class _PlexAnswer(msgspec.Struct):
    container: _PlexContainer = msgspec.field(name="MediaContainer")


class _JellyfinAnswer(msgspec.Struct, rename="pascal"):
    id: str
    server_name: str
    version: str


class _ShokoComponent(msgspec.Struct, rename="pascal"):
    version: str


class _ShokoAnswer(msgspec.Struct, rename="pascal"):
    server: _ShokoComponent


def read_identity(kind: ServerKind, answer: Any) -> Identity:
    """Who answered. msgspec.ValidationError: nobody of this kind."""
    if kind == "plex":
        container = msgspec.convert(answer, _PlexAnswer).container
        return Identity(container.machine_identifier, container.friendly_name, container.version)
    if kind == "shoko":
        return Identity("", SHOKO_NAME, msgspec.convert(answer, _ShokoAnswer).server.version)
    info = msgspec.convert(answer, _JellyfinAnswer)
    return Identity(info.id, info.server_name, info.version)


def headers(kind: ServerKind, token: Secret | None) -> dict[str, str]:
    """The headers of a request, with a token or without.

    Jellyfin's other ways of sending one end with version 12. Unauthorized: no token can look like this one.
    """
    if kind == "plex":
        basic = {"X-Plex-Product": PROGRAM, "X-Plex-Client-Identifier": PROGRAM.lower()}
        return basic | ({"X-Plex-Token": _shown(token)} if token else {})
    if kind == "shoko":
        return {"apikey": _shown(token)} if token else {}
    program = f'MediaBrowser Client="{PROGRAM}", Device="{PROGRAM}", DeviceId="{PROGRAM.lower()}", Version="{VERSION}"'
    return {"Authorization": f'{program}, Token="{_shown(token)}"' if token else program}


def _shown(token: Secret) -> str:
    text = token.reveal()
    if not text.isascii() or not text.isprintable() or '"' in text or " " in text:
        raise Unauthorized("The token has characters that no token has: copy it again")
    return text
