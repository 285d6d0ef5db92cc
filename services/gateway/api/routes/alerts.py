"""Calls about alerts for administrators."""

from __future__ import annotations

from typing import Any

from shared.directory.alertrecords import AlertView, Channel

from .. import alerts
from ..paging import Page
from ..route import Nothing, Route
from .common import READING, WRITING

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/alerts", handler=alerts.list_alerts, takes=Page, gives=alerts.AlertList,
          role="viewer", does="What was told of jobs, newest first, and what became of it at each channel.",
          problems=READING),
    Route(method="GET", path="/api/alerts/channels", handler=alerts.list_channels, takes=Nothing,
          gives=alerts.ChannelList, role="admin", does="Where alerts go, by name; never with the address.",
          problems=READING),
    Route(method="POST", path="/api/alerts/channels", handler=alerts.add_channel, takes=alerts.NewChannel,
          gives=Channel, status=201, role="admin", does="Have alerts go to one more place.",
          problems=("name_taken", "bad_channel", *WRITING)),
    Route(method="PUT", path="/api/alerts/channels/{name}", handler=alerts.change_channel, takes=alerts.ChannelChange,
          gives=Channel, role="admin", does="Change a channel; what waits for one that is disabled is dropped.",
          problems=("channel_unknown", "bad_channel", *WRITING)),
    Route(method="DELETE", path="/api/alerts/channels/{name}", handler=alerts.remove_channel, takes=Nothing,
          gives=None, status=204, role="admin", does="Remove a channel, and what waits for it.",
          problems=("channel_unknown", *WRITING)),
    Route(method="POST", path="/api/alerts/channels/{name}/test", handler=alerts.try_channel, takes=Nothing,
          gives=AlertView, status=201, role="admin", does="Have a test sent to a channel, with the next run.",
          problems=("channel_unknown", *WRITING)),
)  # fmt: skip
