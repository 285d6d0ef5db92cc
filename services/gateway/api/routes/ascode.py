"""Calls about decisions as code."""

from __future__ import annotations

from typing import Any

from .. import applied, controls
from ..route import Nothing, Route
from .common import READING, WRITING

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/controls", handler=controls.list_controls, takes=Nothing, gives=controls.Controls,
          role="viewer", does="What was decided about each job, and what the job is without that."),
    Route(method="GET", path="/api/applied", handler=applied.show_applied, takes=Nothing, gives=applied.AppliedView,
          role="admin", does="What the last apply of a file left.", problems=READING),
    Route(method="PUT", path="/api/applied", handler=applied.keep_applied, takes=applied.AppliedBody,
          gives=applied.AppliedView, role="admin", does="Remember what an apply of a file has left.",
          problems=WRITING),
)  # fmt: skip
