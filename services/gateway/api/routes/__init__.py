"""All calls of the API, a table for each noun. The router and the OpenAPI document are made from them."""

from __future__ import annotations

from typing import Any

from ..openapi import with_document
from ..route import Route
from . import (
    access,
    alerts,
    ascode,
    backups,
    health,
    hooks,
    jobs,
    mail,
    notices,
    people,
    plans,
    runs,
    servers,
    session,
    subscriptions,
    users,
)

ROUTES: tuple[Route[Any], ...] = with_document((
    *health.ROUTES,
    *session.ROUTES,
    *jobs.ROUTES,
    *notices.ROUTES,
    *runs.ROUTES,
    *servers.ROUTES,
    *people.ROUTES,
    *subscriptions.ROUTES,
    *plans.ROUTES,
    *access.ROUTES,
    *mail.ROUTES,
    *alerts.ROUTES,
    *ascode.ROUTES,
    *hooks.ROUTES,
    *backups.ROUTES,
    *users.ROUTES,
))  # fmt: skip
