"""One log line an event: for people on a console, or as JSON.

As JSON, everything is: what libraries log by `logging`, warnings, and errors that nobody caught, in whichever thread.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure_logs(form: str, level: str, service: str) -> None:
    """Log to standard error from `level` on; `form` is `json` or `console`. Every line names the `service`."""
    least = logging.getLevelNamesMapping()[level.upper()]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _Named(service),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _for_machines() if form == "json" else _for_people()
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        # One write a line: threads can't come between.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _take_in_libraries(first, last)
    if form == "json":
        _take_in_uncaught_errors()


class _Named:
    """Adds which service it is; by no context variable, since threads and other loops have contexts of their own."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.setdefault("service", self._service)
        return event


def _for_machines() -> list[Processor]:
    def render(event: EventDict, **_: Any) -> str:
        return msgspec.json.encode(event, enc_hook=str).decode()

    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(render)]


def _for_people() -> list[Processor]:
    # The richer ones show the values of local variables, secrets among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _take_in_libraries(first: list[Processor], last: list[Processor]) -> None:
    """What is logged by `logging`, from warnings on, comes out like all else; Python's own warnings, too."""
    handler = logging.StreamHandler(sys.stderr)
    told_by = structlog.stdlib.add_logger_name
    cleaned = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*first, told_by], processors=[cleaned, *last])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)


def _take_in_uncaught_errors() -> None:
    log = structlog.get_logger()

    def ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("ended_by_error", exc_info=(kind, error, trace))

    def thread_ended(what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None and not isinstance(what.exc_value, SystemExit):
            thread = what.thread.name if what.thread else ""
            log.error("thread_ended_by_error", thread=thread, exc_info=what.exc_value)

    def lost(what: Any) -> None:
        # An error in a finaliser, of an object that may be half gone.
        log.error("error_lost", place=what.err_msg or "", object=_shown(what.object), exc_info=what.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = ended, thread_ended, lost


def _shown(thing: object) -> str:
    return type(thing).__qualname__ if thing is not None else ""
