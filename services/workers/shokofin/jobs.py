"""The jobs of Shokofin: those that rearrange a library, and those that only the plugin itself can do."""

from __future__ import annotations

from shared.contracts.specs import Spec

from ..door import Job
from ..tools import Tools
from . import specs
from .delegation import Delegated, OrPlugin
from .handler import OnEachServer
from .merging import Versions
from .reconstructing import Collections
from .userdata.jobs import user_data_jobs
from .version import CheckVersion
from .work import Work


def jobs(tools: Tools) -> tuple[Job, ...]:
    """All of them, bound to what they work with."""

    def job(spec: Spec, work: Work) -> Job:
        return Job(spec=spec, handler=OnEachServer(tools, work))

    return (
        job(specs.CHECK_SHOKO_VERSION, CheckVersion(tools)),
        job(specs.CLEANUP_VFS_ROOTS, Delegated("ShokoCleanupVirtualRoot", needs_library=True, looks=True)),
        job(specs.CLEAR_PLUGIN_CACHE, Delegated("ShokoClearPluginCache", needs_library=True)),
        *user_data_jobs(tools),
        job(specs.MERGE_EPISODES, OrPlugin(Versions("merge", "Episode"), "ShokoMergeEpisodes")),
        job(specs.MERGE_MOVIES, OrPlugin(Versions("merge", "Movie"), "ShokoMergeMovies")),
        job(specs.SPLIT_EPISODES, OrPlugin(Versions("split", "Episode"), "ShokoSplitEpisodes")),
        job(specs.SPLIT_MOVIES, OrPlugin(Versions("split", "Movie"), "ShokoSplitMovies")),
        job(specs.RECONSTRUCT_COLLECTIONS, OrPlugin(Collections(), "ShokoReconstructCollections")),
    )
