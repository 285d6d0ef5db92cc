"""What can be measured about a gateway, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """The metrics of one gateway process; each gateway has a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "showrunner_http_request_seconds",
            "Time from a request to its answer.",
            ["method", "path"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.problems = Counter(
            "showrunner_http_problems", "Requests answered with an error.", ["code"], registry=self._registry
        )
        self.feed_gaps = Counter(
            "showrunner_feed_gaps", "Times the board was read anew, for a message was lost.", registry=self._registry
        )

    def show(self, name: str, what: str, value: Callable[[], float]) -> None:
        """Show a figure that is looked up whenever somebody asks."""
        Gauge(name, what, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All metrics as they are now."""
        return generate_latest(self._registry)
