"""Calls about the media servers, and what is on them."""

from __future__ import annotations

from typing import Any

from shared.directory.records import Server, ShokoPerson

from .. import availability, media, servers, shoko
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/servers", handler=servers.list_servers, takes=Nothing, gives=servers.ServerList,
          role="viewer", does="The media servers, the oldest first.", problems=("database_unreachable",)),
    Route(method="POST", path="/api/servers", handler=servers.add_server, takes=servers.ServerBody,
          gives=Server, status=201, role="admin", does="Add a media server, once it was looked at.",
          problems=("server_refused", "duplicate_server", "bad_shoko", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/servers/{id}", handler=servers.show_server, takes=Nothing, gives=Server,
          role="viewer", does="One media server.", problems=("server_unknown", "database_unreachable")),
    Route(method="PUT", path="/api/servers/{id}", handler=servers.change_server, takes=servers.ServerChange,
          gives=Server, role="admin", does="Change a media server; what is left out stays as it is.",
          problems=("server_unknown", "server_refused", "duplicate_server", "bad_shoko", "database_unreachable",
                    "audit_unavailable")),
    Route(method="DELETE", path="/api/servers/{id}", handler=servers.remove_server, takes=Nothing, gives=None,
          status=204, role="admin", does="Remove a media server with its libraries and accounts; people stay.",
          problems=("server_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="POST", path="/api/servers/{id}/check", handler=servers.check_server, takes=Nothing,
          gives=Server, role="operator", does="Look at a media server now.",
          problems=("server_unknown", "duplicate_server", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/servers/{id}/availability", handler=availability.show_availability,
          takes=availability.Period, gives=availability.ServerAvailability, role="viewer",
          does="How much of the time a media server was up, day by day.",
          problems=("server_unknown", "database_unreachable")),
    Route(method="GET", path="/api/servers/{id}/viewers", handler=media.count_viewers, takes=Nothing,
          gives=media.Viewers, role="viewer", does="How many people see each library of a media server.",
          problems=("server_unknown", "database_unreachable")),
    Route(method="GET", path="/api/servers/{id}/people", handler=shoko.list_shoko_users, takes=Nothing,
          gives=shoko.ShokoPeople, role="admin", does="Who people are on a Shoko Server, by name.",
          problems=("server_unknown", "database_unreachable")),
    Route(method="PUT", path="/api/servers/{id}/people/{person}", handler=shoko.set_shoko_user,
          takes=shoko.ShokoUserBody, gives=ShokoPerson, role="admin",
          does="Say which user of a Shoko Server a person is: by logging in there once, or by a key of that user.",
          problems=("server_unknown", "person_unknown", "server_refused", "shoko_user_refused", "shoko_user_taken",
                    "secret_unreadable", "database_unreachable", "audit_unavailable")),
    Route(method="DELETE", path="/api/servers/{id}/people/{person}", handler=shoko.remove_shoko_user, takes=Nothing,
          gives=None, status=204, role="admin", does="Forget which user of a Shoko Server a person is, and the key.",
          problems=("server_unknown", "shoko_user_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/libraries", handler=media.list_libraries, takes=media.OfServer,
          gives=media.LibraryList, role="viewer", does="Libraries by title.", problems=("database_unreachable",)),
)  # fmt: skip
