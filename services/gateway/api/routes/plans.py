"""Calls about the plans that people subscribe to."""

from __future__ import annotations

from typing import Any

from shared.directory.subscribers import SubscriptionPlan

from .. import plans
from ..route import Nothing, Route
from .common import READING, WRITING

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/plans", handler=plans.list_plans, takes=Nothing, gives=plans.PlanList,
          role="viewer", does="The plans by name.", problems=READING),
    Route(method="POST", path="/api/plans", handler=plans.add_plan, takes=plans.PlanDetails, gives=SubscriptionPlan,
          status=201, role="admin", does="Add a plan.", problems=("name_taken", "library_unknown", *WRITING)),
    Route(method="GET", path="/api/plans/{id}", handler=plans.show_plan, takes=Nothing, gives=SubscriptionPlan,
          role="viewer", does="One plan.", problems=("plan_unknown", *READING)),
    Route(method="PUT", path="/api/plans/{id}", handler=plans.change_plan, takes=plans.PlanDetails,
          gives=SubscriptionPlan, role="admin", does="Change a plan; its people's access follows.",
          problems=("plan_unknown", "name_taken", "library_unknown", *WRITING)),
    Route(method="DELETE", path="/api/plans/{id}", handler=plans.remove_plan, takes=Nothing, gives=None, status=204,
          role="admin", does="Remove a plan that nobody has.", problems=("plan_unknown", "plan_in_use", *WRITING)),
)  # fmt: skip
