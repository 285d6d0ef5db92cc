"""Calls about the media servers, and what is on them."""

from __future__ import annotations

from typing import Any

from shared.directory.records import Server

from .. import media, servers
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/servers", handler=servers.list_servers, takes=Nothing, gives=servers.ServerList,
          role="viewer", does="The media servers, the oldest first.", problems=("database_unreachable",)),
    Route(method="POST", path="/api/servers", handler=servers.add_server, takes=servers.ServerBody,
          gives=Server, status=201, role="admin", does="Add a media server, once it was looked at.",
          problems=("server_refused", "duplicate_server", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/servers/{id}", handler=servers.show_server, takes=Nothing, gives=Server,
          role="viewer", does="One media server.", problems=("server_unknown", "database_unreachable")),
    Route(method="PUT", path="/api/servers/{id}", handler=servers.change_server, takes=servers.ServerChange,
          gives=Server, role="admin", does="Change a media server; what is left out stays as it is.",
          problems=("server_unknown", "server_refused", "duplicate_server", "database_unreachable",
                    "audit_unavailable")),
    Route(method="DELETE", path="/api/servers/{id}", handler=servers.remove_server, takes=Nothing, gives=None,
          status=204, role="admin", does="Remove a media server with its libraries and accounts; people stay.",
          problems=("server_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="POST", path="/api/servers/{id}/check", handler=servers.check_server, takes=Nothing,
          gives=Server, role="operator", does="Look at a media server now.",
          problems=("server_unknown", "duplicate_server", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/servers/{id}/viewers", handler=media.count_viewers, takes=Nothing,
          gives=media.Viewers, role="viewer", does="How many people see each library of a media server.",
          problems=("server_unknown", "database_unreachable")),
    Route(method="GET", path="/api/libraries", handler=media.list_libraries, takes=media.OfServer,
          gives=media.LibraryList, role="viewer", does="Libraries by title.", problems=("database_unreachable",)),
)  # fmt: skip
