"""The span of a call that makes a run: the first of the run's trace, linked to the caller's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared.contracts.commands import RunNow
from shared.runtime.traces import Span, link_of, span_id

from ..asking import CommandRefused, SchedulerUnreachable
from .route import Call


@contextmanager
def asking(call: Call, command: RunNow) -> Iterator[None]:
    """Around asking the scheduler for a run."""
    tracer = call.gateway.tracer
    if tracer is None:
        yield
        return
    began, failed = time.time_ns(), ""
    try:
        yield
    except (CommandRefused, SchedulerUnreachable) as error:
        failed = str(error)
        raise
    finally:
        tracer.tell(
            Span(
                run=command.run,
                id=span_id(command.run, "asked"),
                name=f"ask for {command.job}",
                start_ns=began,
                end_ns=time.time_ns(),
                kind="server",
                attributes={
                    "showrunner.job": command.job,
                    "showrunner.trigger": command.trigger,
                    "http.request.method": call.request.method,
                },
                error=failed,
                link=link_of(call.request.headers.get("traceparent", "")),
            )
        )
