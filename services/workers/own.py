"""A worker of your own, as a program: jobs from any module, beside a Showrunner that shares its NATS.

    if __name__ == "__main__":
        run_worker("system", JOBS)

The settings are Showrunner's own, from the environment or the file that `SHOWRUNNER_CONFIG` names; of the addresses
only that of NATS is needed (`SHOWRUNNER_NATS_URL`): neither a database nor the key.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
import uvloop

from shared.catalogue.admission import BadSpec
from shared.messaging import Untrusted, connect, trust
from shared.runtime.health import watched
from shared.runtime.lifecycle import Service, run_until_stopped
from shared.runtime.logs import configure_logs
from shared.runtime.settings import Settings, SettingsError, read_settings
from shared.runtime.telemetry import open_telemetry

from .door import Job
from .runtime.announce import check
from .runtime.service import run
from .runtime.settings import WorkerSettings

log = structlog.get_logger()


class BadJobs(Exception):
    """What was given as jobs can't be run; the message says why, and how to mend it."""


def run_worker(category: str, jobs: Sequence[Job]) -> None:
    """Run these jobs, all of one category, until SIGTERM or SIGINT. Ends the program with status 1 if they can't be."""
    file = os.environ.get("SHOWRUNNER_CONFIG")
    try:
        settings = read_settings(os.environ, Path(file) if file else None)
        configure_logs(settings.log, settings.log_level, f"worker-{category}")
        uvloop.run(work(settings, category, jobs))
    except (SettingsError, BadJobs, Untrusted) as error:
        if os.environ.get("SHOWRUNNER_LOG") == "json":
            configure_logs("json", "info", f"worker-{category}")
            log.critical("ended_by_error", reason=str(error))
            sys.exit(1)
        sys.exit(f"worker {category}: {error}")


async def work(settings: Settings, category: str, jobs: Sequence[Job]) -> None:
    """The same inside a program that has read the settings. Raises `SettingsError` or `BadJobs` before it begins."""
    if not settings.nats_url:
        raise SettingsError("a worker needs SHOWRUNNER_NATS_URL: the address of Showrunner's NATS")
    least_interval_ms = int(settings.least_interval_s * 1000)
    _check(category, jobs, least_interval_ms)
    wanted = WorkerSettings(
        concurrency=settings.concurrency,
        ack_wait_s=settings.ack_wait_s,
        drain_s=settings.drain_s,
        least_interval_ms=least_interval_ms,
    )
    # The streams are not declared: how many copies there are is up to those who run Showrunner. The worker waits.
    tls = trust(settings.nats_ca, settings.nats_cert, settings.nats_key)
    name = f"worker-{category}"
    async with open_telemetry(os.environ) as telemetry, connect(settings.nats_url, name, tls) as bus:
        services: dict[str, Service] = {name: run(bus, jobs, wanted, telemetry=telemetry)}
        await run_until_stopped(services | watched(settings, name, lambda: bus.connected, telemetry.meter))


def load_jobs(place: str) -> tuple[Job, ...]:
    """The jobs that stand at `module:NAME`; the module is looked for in the working directory, too.

    Raises `BadJobs` when there is no such module or name, or something else stands there.
    """
    module, _, name = place.partition(":")
    if not (module and name):
        raise BadJobs(f"{place!r} is no place of jobs: write module:NAME, such as my_jobs:JOBS")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        jobs = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise BadJobs(f"{place}: {error}; is it in the working directory, or installed?") from error
    except AttributeError as error:
        raise BadJobs(f"{place}: {error}") from error
    if not isinstance(jobs, Sequence) or not all(isinstance(job, Job) for job in jobs):
        raise BadJobs(f"{place} is no list of jobs: make it a tuple of Job(spec=..., handler=...)")
    return tuple(jobs)


def _check(category: str, jobs: Sequence[Job], least_interval_ms: int) -> None:
    names = [job.spec.name for job in jobs]
    if not jobs:
        raise BadJobs("there are no jobs to run")
    if strange := sorted({job.spec.name for job in jobs if job.spec.category != category}):
        raise BadJobs(f"these jobs are not of category {category}: {', '.join(strange)}")
    if len(set(names)) < len(names):
        raise BadJobs(f"two jobs have one name: {', '.join(sorted(names))}")
    if restless := sorted(job.spec.name for job in jobs if job.spec.quiet):
        raise BadJobs(f"quiet is set in Showrunner's database, which your worker does not see: {', '.join(restless)}")
    try:
        check((job.spec for job in jobs), least_interval_ms)
    except BadSpec as error:
        raise BadJobs(str(error)) from error
