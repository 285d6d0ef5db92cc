"""Calls about what workers' authors are to know."""

from __future__ import annotations

from typing import Any

from .. import notices
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/notices", handler=notices.list_notices, takes=Nothing, gives=notices.NoticeList,
          role="viewer", does="Specs that were refused in the last 7 days and not mended since, newest first."),
)  # fmt: skip
