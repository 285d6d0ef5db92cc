"""By which calls a job's control becomes what is wanted. Pure."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from .items import Values


class Step(NamedTuple):
    """A call below `/api/jobs/NAME`."""

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    body: dict[str, Any]


def steps(before: Values, after: Values) -> list[Step]:
    """The calls in their order.

    When it may run comes first, so that a job that is let go never runs by what was; what stops the job comes last,
    since letting it go forgets the reason.
    """
    found = []
    if before["interval"] != after["interval"]:
        found.append(_schedule(after["interval"]))
    if before["quiet"] != after["quiet"]:
        found.append(Step("PUT", "quiet", {**after["quiet"]}))
    if _standing(before) == _standing(after):
        return found
    if before["paused"] and not after["paused"]:
        found.append(Step("POST", "resume", {}))
    if after["enabled"] and not before["enabled"]:
        found.append(Step("POST", "enable", {}))
    if after["paused"]:
        found.append(Step("POST", "pause", {"until": after["paused_until"], "reason": after["reason"]}))
    if not after["enabled"]:
        found.append(Step("POST", "disable", {"reason": after["reason"]}))
    return found


def _schedule(interval: str | None) -> Step:
    return Step("DELETE", "schedule", {}) if interval is None else Step("PUT", "schedule", {"interval": interval})


def _standing(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("interval", "quiet")}
