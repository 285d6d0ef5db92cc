"""Calls about the settings that people change on the page."""

from __future__ import annotations

from msgspec import Struct

from shared.access.terms import AccessPolicy
from shared.backups.retention import BackupPolicy
from shared.directory.alertrecords import AlertPolicy
from shared.history.policy import HistoryPolicy

from ..store.database import outages_named
from .route import Call, Nothing


class SettingsView(Struct, frozen=True, kw_only=True):
    """`timezone` is the zone in which access days begin and end; it is set by SHOWRUNNER_TIMEZONE."""

    access: AccessPolicy
    alerts: AlertPolicy
    backups: BackupPolicy
    history: HistoryPolicy
    timezone: str


class SettingsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group that is left out stays as it is. All of one that is given is replaced: what it lacks gets its default."""

    access: AccessPolicy | None = None
    alerts: AlertPolicy | None = None
    backups: BackupPolicy | None = None
    history: HistoryPolicy | None = None


async def show_settings(call: Call, _: Nothing) -> SettingsView:
    """The settings that are kept in the database."""
    preferences = call.gateway.preferences
    with outages_named():
        return SettingsView(
            access=await preferences.access(),
            alerts=await preferences.alerts(),
            backups=await preferences.backups(),
            history=await preferences.history(),
            timezone=call.gateway.board.zone,
        )


async def change_settings(call: Call, body: SettingsBody) -> SettingsView:
    """Change the settings."""
    preferences = call.gateway.preferences
    if body.access is not None:
        with outages_named():
            access = await preferences.set_access(body.access, call.by)
        await call.record("settings.access", "access", access, body.access)
    if body.alerts is not None:
        with outages_named():
            alerts = await preferences.set_alerts(body.alerts, call.by)
        await call.record("settings.alerts", "alerts", alerts, body.alerts)
    if body.backups is not None:
        with outages_named():
            backups = await preferences.set_backups(body.backups, call.by)
        await call.record("settings.backups", "backups", backups, body.backups)
    if body.history is not None:
        with outages_named():
            history = await preferences.set_history(body.history, call.by)
        await call.record("settings.history", "history", history, body.history)
    return await show_settings(call, Nothing())
