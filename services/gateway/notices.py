"""Specs that were refused, as the bucket `notices` tells of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.contracts.announcements import SpecRefused
from shared.messaging import NOTICES_DAYS, NOTICES_KEPT


class Notices:
    """The newest notice of each key, as many as the bucket keeps, and as long."""

    def __init__(self) -> None:
        self._notices: dict[str, SpecRefused] = {}

    def apply(self, key: str, notice: SpecRefused | None) -> None:
        """What stands under a key of the bucket now; None when it no longer matters."""
        self._notices.pop(key, None)
        if notice is not None:
            self._notices[key] = notice
        if len(self._notices) > NOTICES_KEPT:
            del self._notices[next(iter(self._notices))]

    def standing(self, now: datetime) -> list[SpecRefused]:
        """All that still matter at `now`, the newest first."""
        oldest = now - timedelta(days=NOTICES_DAYS)
        kept = [notice for notice in self._notices.values() if notice.at > oldest]
        return sorted(kept, key=lambda notice: notice.at, reverse=True)
