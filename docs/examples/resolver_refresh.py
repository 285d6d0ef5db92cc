"""Keeps names in the resolver's cache. `python resolver_refresh.py`, with SHOWRUNNER_NATS_URL in the environment."""

import asyncio
import time

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from services.workers.own import run_worker
from shared.contracts.specs import Interval, Parameter, Spec


async def refresh(run: RunContext) -> Result:
    names = run.params.get("names", "localhost").split()
    lost: list[str] = []
    began = time.monotonic()
    for number, name in enumerate(names):
        run.progress(number / len(names), name)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, None)
            run.log(f"{name}: {', '.join(sorted({str(entry[4][0]) for entry in found}))}")
        except OSError as error:
            lost.append(name)
            run.log(f"{name}: {error.strerror}", "warning")
    if lost:
        raise JobFailed("not_resolved", f"{len(lost)} of {len(names)} names have no address: {', '.join(lost)}.")
    return succeeded(f"{len(names)} names in {time.monotonic() - began:.2f} s")


JOBS = (
    Job(
        spec=Spec(
            name="resolver_refresh",
            title="Refresh the resolver",
            description="Asks for names, so that the resolver has their addresses at hand.",
            category="dns",
            schedule=Interval(every_ms=5 * 60 * 1000),
            attempts=2,
            parameters=(Parameter(name="names", title="Names, with blanks between", kind="text", default="localhost"),),
        ),
        handler=refresh,
    ),
)

if __name__ == "__main__":
    run_worker("dns", JOBS)
