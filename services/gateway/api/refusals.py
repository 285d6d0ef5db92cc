"""What the directory and the scheduler say no with, as problems."""

from __future__ import annotations

from collections.abc import Mapping

from shared.directory import errors

from ..asking import SchedulerUnreachable
from .problems import Code, Problem

_CODES: Mapping[type[Exception], Code] = {
    SchedulerUnreachable: "scheduler_unreachable",
    errors.NoSuchServer: "server_unknown",
    errors.NoSuchPerson: "person_unknown",
    errors.NoSuchPlan: "plan_unknown",
    errors.NoSuchAccount: "account_unknown",
    errors.NoSuchLibrary: "library_unknown",
    errors.DuplicateServer: "duplicate_server",
    errors.PlanInUse: "plan_in_use",
    errors.NameTaken: "name_taken",
    errors.NotSubscribed: "not_subscribed",
    errors.ForLife: "for_life",
    errors.NoLength: "days_missing",
    errors.NotInvitable: "not_invitable",
    errors.Clash: "people_clash",
}


def refusal(error: Exception) -> Problem | None:
    """The problem that a caller is told of; None for an error that says nothing to callers."""
    code = _CODES.get(type(error))
    return None if code is None else Problem(code, f"{str(error).rstrip('.')}.")
