"""Calls about the gateway itself."""

from __future__ import annotations

from typing import Any

from .. import health
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/healthz", handler=health.is_alive, takes=Nothing, gives=health.Health,
          role="anyone", does="Whether the process answers at all."),
    Route(method="GET", path="/readyz", handler=health.is_ready, takes=Nothing, gives=health.Readiness,
          role="anyone", does="Whether requests should come here: 200, or 503 and what is missing."),
    Route(method="GET", path="/metrics", handler=health.show_metrics, takes=Nothing, gives="text/plain",
          role="viewer", does="What can be measured, in Prometheus' text format."),
)  # fmt: skip
