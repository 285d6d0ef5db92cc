"""Calls about the settings that people change on the page."""

from __future__ import annotations

from msgspec import Struct

from shared.access.terms import AccessPolicy

from ..store.database import outages_named
from .route import Call, Nothing


class SettingsView(Struct, frozen=True, kw_only=True):
    """`timezone` is the zone in which access days begin and end; it is set by SHOWRUNNER_TIMEZONE."""

    access: AccessPolicy
    timezone: str


class SettingsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a group is replaced: what is left out of it gets its default."""

    access: AccessPolicy


async def show_settings(call: Call, _: Nothing) -> SettingsView:
    """The settings that are kept in the database."""
    with outages_named():
        return SettingsView(access=await call.gateway.preferences.access(), timezone=call.gateway.board.zone)


async def change_settings(call: Call, body: SettingsBody) -> SettingsView:
    """Change the settings."""
    with outages_named():
        former = await call.gateway.preferences.set_access(body.access, call.by)
    await call.record("settings.access", "access", former, body.access)
    return SettingsView(access=body.access, timezone=call.gateway.board.zone)
