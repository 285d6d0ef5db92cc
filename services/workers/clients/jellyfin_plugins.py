"""Shokofin, the plugin that joins a Jellyfin server to a Shoko Server: is it there, and how is it set up?"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct, field

from . import jellyfin_reading as reading
from .jellyfin_requests import JellyfinRequests

SHOKOFIN = "5216ccbfd24a4eb38a7e7da4230b7052"
"""The plugin's id (Shokofin's Plugin.cs), without dashes."""

Grouping = Literal["None", "Movies", "Shared"]


class Plugin(Struct, frozen=True, kw_only=True):
    """The plugin. `auto_merges`: after a library scan it merges versions by itself; `pairs_only`: a set of one is none.

    `status` is Jellyfin's: a plugin that is not "Active" does nothing.
    """

    version: str
    status: str
    auto_merges: bool = False
    grouping: Grouping = "None"
    pairs_only: bool = True


class _Installed(Struct, frozen=True, rename="pascal"):
    id: str
    version: str
    status: str = "Active"


class _Configuration(Struct, frozen=True):
    # Nothing else of it is taken up: it holds the keys of Shoko's users.
    auto_merges: bool = field(name="AutoMergeVersions", default=False)
    grouping: Grouping = field(name="CollectionGrouping", default="None")
    pairs_only: bool = field(name="CollectionMinSizeOfTwo", default=True)


async def shokofin(requests: JellyfinRequests) -> Plugin | None:
    """The plugin as it is set up; None: it is not installed. OutsideError; Malformed: its settings make no sense."""
    installed = reading.read(requests.who, await requests.get("/Plugins"), list[_Installed])
    found = next((each for each in installed if reading.plain_id(each.id) == SHOKOFIN), None)
    if found is None:
        return None
    answer = await requests.get(f"/Plugins/{SHOKOFIN}/Configuration")
    settings = reading.read(requests.who, answer, _Configuration)
    return Plugin(version=found.version, status=found.status, **msgspec.structs.asdict(settings))
