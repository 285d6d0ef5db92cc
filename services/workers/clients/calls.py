"""What is seen of requests to servers outside: how many, how long they took, and how they ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.outside.errors import OutsideError, Refused
from shared.runtime.metrics import QUICK_S, Counter, Meter
from shared.runtime.traces import Span, any_id, current

_BOUNDS_S = (*QUICK_S, 10.0, 20.0, 60.0)


class OneCall:
    """A request under way; `status` is how it ends: `ok`, an HTTP status, the code of an `OutsideError`, or a word of
    whoever asks."""

    __slots__ = ("status",)

    def __init__(self) -> None:
        self.status = "ok"


class Calls:
    """All requests to one server. `kind` is `plex`, `jellyfin`, `plex.tv`, `smtp` or `channel`."""

    def __init__(self, meter: Meter, kind: str, server: str) -> None:
        self._meter = meter
        self._kind = kind
        self._server = server
        self._seconds = meter.histogram(
            "showrunner_outside_seconds", "How long requests to servers outside took.", _BOUNDS_S, kind=kind,
            server=server,
        )  # fmt: skip
        self._count("ok")

    def show_rest(self, resting: Callable[[], bool]) -> None:
        """Show whether the server is left alone for a while."""
        what = "1 while a server that did not answer is left alone."
        self._meter.show("showrunner_outside_resting", what, resting, kind=self._kind, server=self._server)

    @contextmanager
    def one(self) -> Iterator[OneCall]:
        """Around a request."""
        call, began, at = OneCall(), time.perf_counter(), time.time_ns()
        try:
            yield call
        except OutsideError as error:
            call.status = str(error.status) if isinstance(error, Refused) else error.code
            raise
        except BaseException:
            if call.status == "ok":
                # Its run was stopped, or it has a fault of ours.
                call.status = "broken_off"
            raise
        finally:
            self._ended(call.status, time.perf_counter() - began, at)

    def _count(self, status: str) -> Counter:
        labels = {"kind": self._kind, "server": self._server, "status": status}
        return self._meter.counter("showrunner_outside_calls", "Requests to servers outside.", **labels)

    def _ended(self, status: str, seconds: float, at_ns: int) -> None:
        self._seconds.observe(seconds)
        self._count(status).add()
        if (below := current.get()) is not None:
            below.tracer.tell(
                Span(
                    run=below.run,
                    id=any_id(),
                    name=f"ask {self._kind}",
                    start_ns=at_ns,
                    end_ns=at_ns + int(seconds * 1e9),
                    parent=below.span,
                    kind="client",
                    attributes={"peer.service": self._server, "showrunner.status": status},
                    error="" if status == "ok" else status,
                )
            )
