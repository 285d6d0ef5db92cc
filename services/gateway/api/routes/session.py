"""Calls about logging in and out."""

from __future__ import annotations

from typing import Any

from .. import session
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="POST", path="/api/session", handler=session.log_in, takes=session.Credentials, gives=session.WhoAmI,
          role="anyone", does="Log in; the answer sets the session's cookie.",
          problems=("wrong_password", "too_many_tries", "database_unreachable")),
    Route(method="GET", path="/api/session", handler=session.who_am_i, takes=Nothing, gives=session.WhoAmI,
          role="viewer", does="Who is logged in."),
    Route(method="DELETE", path="/api/session", handler=session.log_out, takes=Nothing, gives=None, status=204,
          role="viewer", does="Log out; the session's event streams end.", problems=("database_unreachable",)),
    Route(method="PUT", path="/api/session/password", handler=session.change_password, takes=session.PasswordChange,
          gives=None, status=204, role="viewer", does="Change one's own password; all other sessions end.",
          problems=("wrong_password", "too_many_tries", "weak_password", "database_unreachable")),
)  # fmt: skip
