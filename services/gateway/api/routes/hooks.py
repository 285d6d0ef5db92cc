"""Calls about hooks: other programs that run jobs, or are told how runs ended."""

from __future__ import annotations

from typing import Any

from ...hooks.terms import HookDelivery, HookIn, HookOut
from .. import hooks
from ..problems import Code
from ..route import Nothing, Route
from .common import READING, WRITING

IN: tuple[Code, ...] = ("job_unknown", "bad_params", *WRITING)
OUT: tuple[Code, ...] = ("bad_target", *WRITING)

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/hooks", handler=hooks.list_hooks, takes=Nothing, gives=hooks.HookLists,
          role="admin", does="All hooks, by name; their secrets are not shown.", problems=READING),
    Route(method="POST", path="/api/hooks/in", handler=hooks.add_hook_in, takes=hooks.NewHookIn, gives=hooks.HookSecret,
          status=201, role="admin", does="Let another program run a job. Only this answer shows the secret.",
          problems=("name_taken", *IN)),
    Route(method="PUT", path="/api/hooks/in/{name}", handler=hooks.change_hook_in, takes=hooks.HookInDetails,
          gives=HookIn, role="admin", does="Change a hook in.", problems=("hook_unknown", *IN)),
    Route(method="POST", path="/api/hooks/in/{name}/secret", handler=hooks.renew_hook_in, takes=Nothing,
          gives=hooks.HookSecret, role="admin", does="Give a hook in another secret; the former is good no more.",
          problems=("hook_unknown", *WRITING)),
    Route(method="DELETE", path="/api/hooks/in/{name}", handler=hooks.remove_hook_in, takes=Nothing, gives=None,
          status=204, role="admin", does="Remove a hook in.", problems=("hook_unknown", *WRITING)),
    Route(method="POST", path="/api/hooks/out", handler=hooks.add_hook_out, takes=hooks.NewHookOut,
          gives=hooks.HookSecret, status=201, role="admin", does="Tell another program how runs end. Only this answer "
          "shows the secret.", problems=("name_taken", *OUT)),
    Route(method="PUT", path="/api/hooks/out/{name}", handler=hooks.change_hook_out, takes=hooks.HookOutDetails,
          gives=HookOut, role="admin", does="Change a hook out.", problems=("hook_unknown", *OUT)),
    Route(method="POST", path="/api/hooks/out/{name}/secret", handler=hooks.renew_hook_out, takes=Nothing,
          gives=hooks.HookSecret, role="admin", does="Give a hook out another secret, with which it signs from now on.",
          problems=("hook_unknown", *WRITING)),
    Route(method="POST", path="/api/hooks/out/{name}/test", handler=hooks.try_hook_out, takes=Nothing,
          gives=HookDelivery, status=201, role="admin", does="Have a test sent to a hook out; it is tried once.",
          problems=("hook_unknown", "hook_disabled", "delivery_unknown", *WRITING)),
    Route(method="DELETE", path="/api/hooks/out/{name}", handler=hooks.remove_hook_out, takes=Nothing, gives=None,
          status=204, role="admin", does="Remove a hook out, and the log of its deliveries.",
          problems=("hook_unknown", *WRITING)),
    Route(method="GET", path="/api/hooks/deliveries", handler=hooks.list_hook_deliveries,
          takes=hooks.HookDeliveryFilter, gives=hooks.HookDeliveryList, role="admin",
          does="What hooks out were told, and what came of it, newest first.", problems=READING),
    Route(method="POST", path="/api/hooks/deliveries/{id}/resend", handler=hooks.resend_hook_delivery, takes=Nothing,
          gives=HookDelivery, role="admin", does="Have a delivery sent again, under the same id.",
          problems=("delivery_unknown", *WRITING)),
)  # fmt: skip
