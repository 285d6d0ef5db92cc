"""The call that shows what people changed."""

from __future__ import annotations

from msgspec import Struct

from ..store import audit
from ..store.audit import AuditRow
from .paging import Page, number_after
from .route import Call

_NEWEST = 2**63 - 1


class AuditList(Struct, frozen=True, kw_only=True):
    audit: tuple[AuditRow, ...]
    next: str | None


async def list_audit(call: Call, page: Page) -> AuditList:
    """Who changed what, newest first."""
    found = await audit.newest(call.gateway.database, number_after(page.after, _NEWEST), page.limit + 1)
    shown, more = found[: page.limit], len(found) > page.limit
    return AuditList(audit=tuple(shown), next=str(shown[-1].id) if more else None)
