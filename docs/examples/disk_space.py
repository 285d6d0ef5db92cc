"""Is there room left on the disk? `python disk_space.py`, with SHOWRUNNER_NATS_URL in the environment."""

import shutil

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from services.workers.own import run_worker
from shared.contracts.specs import Interval, Parameter, Spec


async def look(run: RunContext) -> Result:
    path, least = run.params.get("path", "/"), run.params.get("least", 10)
    try:
        total, _, free = shutil.disk_usage(path)
    except OSError as error:
        raise JobFailed("no_such_disk", f"{path} can't be looked at: {error.strerror}.", retry=False) from error
    percent = 100 * free // total
    found = f"{path}: {free / 1e9:.1f} of {total / 1e9:.1f} GB are free ({percent} %)"
    if percent < least:
        raise JobFailed("disk_full", f"{found}, which is less than {least} %.", retry=False)
    return succeeded(found)


JOBS = (
    Job(
        spec=Spec(
            name="disk_space",
            title="Disk space",
            description="Fails when less than a share of a disk is free.",
            category="system",
            schedule=Interval(every_ms=15 * 60 * 1000),
            parameters=(
                Parameter(name="path", title="Folder", kind="text", default="/"),
                Parameter(name="least", title="Percent that must be free", kind="integer", default=10),
            ),
        ),
        handler=look,
    ),
)

if __name__ == "__main__":
    run_worker("system", JOBS)
