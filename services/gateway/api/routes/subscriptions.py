"""Calls about who may watch until when."""

from __future__ import annotations

from typing import Any

from shared.directory.subscribers import PersonCard

from .. import subscriptions
from ..problems import Code
from ..route import Nothing, Route
from .common import READING, WRITING

CHANGE: tuple[Code, ...] = ("person_unknown", *WRITING)

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/subscriptions", handler=subscriptions.list_subscriptions,
          takes=subscriptions.SubscriptionFilter, gives=subscriptions.SubscriptionList, role="viewer",
          does="People's subscriptions, by their last day; those for life at the end.", problems=READING),
    Route(method="PUT", path="/api/people/{id}/subscription", handler=subscriptions.subscribe,
          takes=subscriptions.SubscriptionBody, gives=PersonCard, role="admin",
          does="Give a person a subscription, or another one.", problems=("plan_unknown", *CHANGE)),
    Route(method="DELETE", path="/api/people/{id}/subscription", handler=subscriptions.unsubscribe, takes=Nothing,
          gives=PersonCard, role="admin", does="Take a person's subscription away; their exceptions stay.",
          problems=("not_subscribed", *CHANGE)),
    Route(method="POST", path="/api/people/{id}/renew", handler=subscriptions.renew, takes=subscriptions.RenewBody,
          gives=PersonCard, role="operator", does="Renew a person's subscription: by its plan's days, or so many.",
          problems=("not_subscribed", "for_life", "days_missing", *CHANGE)),
    Route(method="POST", path="/api/people/gift", handler=subscriptions.gift, takes=subscriptions.GiftBody,
          gives=subscriptions.GiftResults, role="operator", does="Give many people days; one result a person.",
          problems=WRITING),
)  # fmt: skip
