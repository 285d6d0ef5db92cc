"""The plugin Shokofin, as it is installed in a Jellyfin server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PLUGIN_ID = "5216ccbfd24a4eb38a7e7da4230b7052"


def _configuration() -> dict[str, object]:
    return {
        "Url": "http://127.0.0.1:8111",
        "Username": "Default",
        "ApiKey": "shoko-key-of-the-plugin",
        "UserList": [],
        "AutoMergeVersions": True,
        "AutoReconstructCollections": True,
        "CollectionGrouping": "None",
        "CollectionMinSizeOfTwo": True,
        "UseGroupsForShows": False,
        "SeparateMovies": False,
        "AddMissingMetadata": True,
        "VFS_Enabled": True,
        "AdvancedMode": False,
    }


@dataclass
class Plugin:
    """An installed plugin; the names in its configuration are those of Shokofin's PluginConfiguration."""

    id: str = PLUGIN_ID
    name: str = "Shoko"
    version: str = "5.0.3.0"
    status: Literal["Active", "Restart", "Malfunctioned", "NotSupported", "Disabled"] = "Active"
    configuration: dict[str, object] = field(default_factory=_configuration)

    @property
    def is_advanced(self) -> bool:
        """Whether its advanced tasks are shown: somebody has clicked the version on its page seven times."""
        return self.configuration.get("AdvancedMode") is True
