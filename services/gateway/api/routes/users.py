"""Calls about those who may log in, and what they did."""

from __future__ import annotations

from typing import Any

from ...store.accounts import User
from .. import audit, tokens, users
from ..paging import Page
from ..route import Nothing, Route

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/users", handler=users.list_users, takes=Nothing, gives=users.UserList,
          role="admin", does="Who may log in.", problems=("database_unreachable",)),
    Route(method="POST", path="/api/users", handler=users.add_user, takes=users.NewUser, gives=User, status=201,
          role="admin", does="Let somebody else log in.",
          problems=("user_exists", "weak_password", "database_unreachable", "audit_unavailable")),
    Route(method="PUT", path="/api/users/{name}", handler=users.change_user, takes=users.UserChange, gives=User,
          role="admin", does="Give a user another role or password; what is left out stays as it is.",
          problems=("user_unknown", "last_admin", "weak_password", "database_unreachable", "audit_unavailable")),
    Route(method="DELETE", path="/api/users/{name}", handler=users.remove_user, takes=Nothing, gives=None, status=204,
          role="admin", does="Let a user not log in any more; their API tokens end too.",
          problems=("user_unknown", "last_admin", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/tokens", handler=tokens.list_tokens, takes=Nothing, gives=tokens.TokenList,
          role="admin", does="The API tokens of programs, by name, also those that have ended.",
          problems=("database_unreachable",)),
    Route(method="POST", path="/api/tokens", handler=tokens.add_token, takes=tokens.NewToken, gives=tokens.MadeToken,
          status=201, role="admin", does="Make an API token. Only this answer shows it.",
          problems=("token_exists", "database_unreachable", "audit_unavailable")),
    Route(method="DELETE", path="/api/tokens/{name}", handler=tokens.remove_token, takes=Nothing, gives=None,
          status=204, role="admin", does="End an API token, and its event streams.",
          problems=("token_unknown", "database_unreachable", "audit_unavailable")),
    Route(method="GET", path="/api/audit", handler=audit.list_audit, takes=Page, gives=audit.AuditList,
          role="admin", does="Who changed what, newest first.", problems=("database_unreachable",)),
)  # fmt: skip
