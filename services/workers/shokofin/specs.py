"""The specs of the twelve, with the titles and descriptions that Shokofin gives its tasks."""

from __future__ import annotations

from shared.contracts.specs import Calendar, Interval, Need, Spec

from .delegation import BY_PLUGIN
from .handler import ONLY

CATEGORY = "maintenance"
HOUR_MS = 60 * 60 * 1000
MINUTE_MS = 60 * 1000
NIGHTS_TIMEOUT_S = 6 * 3600.0
NO_SCAN = "\n**Do not run while a library scan is in progress!**"

_JELLYFIN = Need(what="a Jellyfin server", hint="Add a Jellyfin server with its address and an API key.")
_SHOKO = Need(what="a Shoko server", hint="Add the Shoko server behind Shokofin, with its address and an admin's key.")


def _spec(
    name: str,
    title: str,
    description: str,
    at: str,
    *,
    advanced: bool = False,
    reversible: bool = True,
    shoko: bool = False,
) -> Spec:
    """A job that is run by hand, or at night once people resume it; what must not meet a scan may wait for quiet."""
    return Spec(
        name=name,
        title=title,
        description=description,
        category=CATEGORY,
        schedule=Calendar(expression=at),
        paused=True,
        timeout_s=NIGHTS_TIMEOUT_S,
        attempts=5,
        backoff_s=60.0,
        min_interval_ms=MINUTE_MS,
        needs=(_JELLYFIN, _SHOKO) if shoko else (_JELLYFIN,),
        parameters=(ONLY, BY_PLUGIN) if reversible else (ONLY,),
        dry_run=True,
        undo=reversible,
        quiet=description.endswith(NO_SCAN),
        advanced=advanced,
        destructive=advanced,
    )


CHECK_SHOKO_VERSION = Spec(
    name="check_shoko_version",
    title="Check Server Version",
    description="Retrieve and update the known version of the connected Shoko Server.",
    category=CATEGORY,
    schedule=Interval(every_ms=24 * HOUR_MS),
    timeout_s=600.0,
    attempts=3,
    backoff_s=60.0,
    min_interval_ms=MINUTE_MS,
    needs=(_JELLYFIN, _SHOKO),
    parameters=(ONLY,),
    dry_run=True,
    advanced=True,
)

CLEANUP_VFS_ROOTS = _spec(
    "cleanup_vfs_roots",
    "Cleanup Virtual File System Roots",
    "Removes any stale or leftover virtual file system roots that could have been left behind due to an outdated "
    "install or unfinished library removal.",
    "0 2 * * 0",
    advanced=True,
    reversible=False,
)

CLEAR_PLUGIN_CACHE = _spec(
    "clear_plugin_cache",
    "Clear Plugin Cache",
    "Forcefully clears the plugin cache. Only should be ran for debugging or troubleshooting purposes. " + NO_SCAN,
    "15 2 * * 0",
    advanced=True,
    reversible=False,
)

EXPORT_USER_DATA = _spec(
    "export_user_data",
    "Export User Data",
    "Export the user data stored in Jellyfin to Shoko Server. Will not import user data from Shoko Server.",
    "0 3 * * *",
    shoko=True,
)

IMPORT_USER_DATA = _spec(
    "import_user_data",
    "Import User Data",
    "Import the user data stored in Shoko Server to Jellyfin. Will not export user data from Jellyfin.",
    "0 3 * * *",
    shoko=True,
)

SYNC_USER_DATA = _spec(
    "sync_user_data",
    "Sync User Data",
    "Synchronize the user data stored in Jellyfin with Shoko Server. Imports and exports data as needed.",
    "0 3 * * *",
    shoko=True,
)

MIGRATE_USER_DATA = _spec(
    "migrate_user_data",
    "Migrate Episode User Watch Data",
    "Migrate user watch data for episodes stored in Jellyfin to the newest ID namespace.",
    "30 3 * * *",
)

MERGE_EPISODES = _spec(
    "merge_episodes",
    "Merge Episodes",
    "Merge all episode entries with the same Shoko Episode ID into a single entry." + NO_SCAN,
    "0 4 * * *",
    advanced=True,
)

MERGE_MOVIES = _spec(
    "merge_movies",
    "Merge Movies",
    "Merge all movie entries with the same Shoko Episode ID into a single entry." + NO_SCAN,
    "15 4 * * *",
    advanced=True,
)

SPLIT_EPISODES = _spec(
    "split_episodes",
    "Split Episodes",
    "Split all episode entries with the same Shoko Episode ID into separate entries." + NO_SCAN,
    "0 4 * * 0",
    advanced=True,
)

SPLIT_MOVIES = _spec(
    "split_movies",
    "Split Movies",
    "Split all movie entries with the same Shoko Episode ID into separate entries." + NO_SCAN,
    "15 4 * * 0",
    advanced=True,
)

RECONSTRUCT_COLLECTIONS = _spec(
    "reconstruct_collections",
    "Reconstruct Collections",
    "Reconstruct all native Jellyfin collections managed by Shokofin outside of a library scan." + NO_SCAN,
    "30 4 * * *",
    advanced=True,
    shoko=True,
)
