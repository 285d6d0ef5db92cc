"""Commands that run services on this machine, or look at their settings. Each loads what it needs when it is run."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from services.cli.command import Command, UsageError
from services.cli.exits import DONE, FAILED
from services.cli.remote.address import data_folder
from shared.runtime.logs import configure_logs
from shared.runtime.settings import Settings, read_settings

log = structlog.get_logger()


def settings_of(words: Namespace) -> Settings:
    """The settings from the environment, and from the file that was named. Raises `SettingsError`."""
    file = words.config or os.environ.get("SHOWRUNNER_CONFIG")
    return read_settings(os.environ, Path(file) if file else None)


def _up_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", default="", metavar="DIR", help="the folder in which all data is kept")


def _worker_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("category", metavar="CATEGORY", help="which jobs: sync, access, mail, maintenance, or yours")
    parser.add_argument("--jobs", default="", metavar="MODULE:NAME", help="run these jobs of your own instead of ours")


def _up(words: Namespace) -> int:
    async def everything(settings: Settings) -> None:
        from services.cli.up import up

        await up(settings, data_folder(settings, words.data))

    return _serve(words, everything)


def _scheduler(words: Namespace) -> int:
    async def scheduler(settings: Settings) -> None:
        from services.cli.single.scheduler import run_scheduler

        await run_scheduler(settings)

    return _serve(words, scheduler)


def _worker(words: Namespace) -> int:
    if words.jobs:
        return _own_worker(words)
    from services.cli.workers import CATEGORIES

    if words.category not in CATEGORIES:
        ours = ", ".join(sorted(CATEGORIES))
        raise UsageError(f"there is no category {words.category!r}: write {ours}, or name jobs of yours with --jobs")

    async def worker(settings: Settings) -> None:
        from services.cli.single.worker import run_worker

        await run_worker(settings, words.category)

    return _serve(words, worker)


def _own_worker(words: Namespace) -> int:
    from services.workers.own import BadJobs, load_jobs, work

    async def worker(settings: Settings) -> None:
        await work(settings, words.category, load_jobs(words.jobs))

    try:
        return _serve(words, worker)
    except BadJobs as error:
        raise UsageError(str(error)) from error


def _gateway(words: Namespace) -> int:
    async def gateway(settings: Settings) -> None:
        from services.cli.single.gateway import run_gateway

        await run_gateway(settings)

    return _serve(words, gateway)


def _settings(words: Namespace) -> int:
    for name, value in settings_of(words).shown().items():
        print(f"SHOWRUNNER_{name.upper():16} {value}")
    return DONE


def _serve(words: Namespace, service: Callable[[Settings], Coroutine[Any, Any, None]]) -> int:
    """Run a service until it ends. Where logs are for machines, the last line says why it did, and is one, too."""
    form = os.environ.get("SHOWRUNNER_LOG", "")
    try:
        settings = settings_of(words)
        form = settings.log
        configure_logs(form, settings.log_level, words.command)
        import uvloop

        uvloop.run(service(settings))
    except (Exception, BaseExceptionGroup) as error:
        if form != "json":
            raise
        configure_logs(form, "info", words.command)
        log.critical("ended_by_error", reason=str(_first(error)), exc_info=error)
        return FAILED
    return DONE


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        Command(name="up", does="run everything on this machine", run=_up, arguments=_up_arguments),
        Command(name="scheduler", does="run a scheduler; of several, one leads", run=_scheduler),
        Command(name="worker", does="run a worker of one category; several share its work", run=_worker,
                arguments=_worker_arguments),
        Command(name="gateway", does="run a gateway: the API, the live feed and the page", run=_gateway),
        Command(name="settings", does="list all settings with their present values", run=_settings),
    )  # fmt: skip
