"""What workers' authors are to know."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from shared.contracts.announcements import SpecFault, SpecRefused
from shared.runtime.clock import utc_now

from .route import Call, Nothing


class NoticeView(Struct, frozen=True, kw_only=True):
    """A spec that was refused: under which key of the catalogue it was, and why. What stood there goes on.

    `category` is the one that the spec claims and `by` the worker that announced it; empty where that is not known.
    """

    key: str
    code: SpecFault
    why: str
    category: str
    by: str
    at: datetime


class NoticeList(Struct, frozen=True, kw_only=True):
    notices: tuple[NoticeView, ...]


async def list_notices(call: Call, _: Nothing) -> NoticeList:
    """All of the last 7 days that have not been mended, the newest first."""
    return NoticeList(notices=tuple(map(_view, call.gateway.notices.standing(utc_now()))))


def _view(notice: SpecRefused) -> NoticeView:
    return NoticeView(
        key=notice.key,
        code=notice.code,
        why=notice.why,
        category=notice.category,
        by=notice.by,
        at=notice.at,
    )
