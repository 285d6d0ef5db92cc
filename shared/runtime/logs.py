"""One log line an event: for people on a console, or as JSON."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec
import structlog


def configure_logs(form: str, level: str, service: str) -> None:
    """Log to standard error from `level` on; `form` is `json` or `console`. Every line names the `service`."""
    structlog.contextvars.bind_contextvars(service=service)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form == "json":
        shared += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(lambda event, **_: msgspec.json.encode(event, enc_hook=str).decode()),
        ]
    else:
        shared += [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The richer ones show the values of local variables, secrets among them.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
