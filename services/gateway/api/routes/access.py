"""Calls about access as a whole, and the settings that rule it."""

from __future__ import annotations

from typing import Any

from .. import access, preferences
from ..route import Nothing, Route
from .common import READING, WRITING

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/access", handler=access.list_access, takes=access.AccessFilter,
          gives=access.AccessList, role="viewer", does="What accounts should have beside what they have, and what will "
          "be done about it.", problems=("server_unknown", *READING)),
    Route(method="GET", path="/api/settings", handler=preferences.show_settings, takes=Nothing,
          gives=preferences.SettingsView, role="viewer", does="The settings that are kept in the database.",
          problems=READING),
    Route(method="PUT", path="/api/settings", handler=preferences.change_settings, takes=preferences.SettingsBody,
          gives=preferences.SettingsView, role="admin", does="Change the settings.", problems=WRITING),
)  # fmt: skip
