"""Bringing a job into the catalogue by request, on `catalogue.announce`, and what becomes of specs that can't stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

SpecFault = Literal["unreadable", "unusable", "name_taken", "outdated"]
"""Unreadable: no `spec.v1`, or not JSON. Unusable: read, but a rule is broken. Name taken: the name is another
category's. Outdated: a higher version of the same job stands."""


class Announce(Struct, frozen=True, kw_only=True, tag="announce.v1"):
    """Put a job into the catalogue; `spec` is a `spec.v1`, and `by` names the worker that brings it.

    Asking twice is asking once. Whatever is wrong with the spec is told in the answer.
    """

    spec: Any
    by: str = ""


class Announced(Struct, frozen=True, kw_only=True, tag="announced.v1"):
    """The job is in the catalogue, on disk, in this version: the one that was asked for, or a higher one."""

    job: str
    version: int
    revision: int


class SpecRefused(Struct, frozen=True, kw_only=True, tag="spec_refused.v1"):
    """A spec that does not stand in the catalogue, and why, for its author. What stood there stays in force.

    It answers an announcement, and is kept in the bucket `notices` for 7 days, or until the category that is named here
    announces the job well. `key` is where the spec was, or the name that it claimed; what could not be read is empty.
    """

    key: str
    code: SpecFault
    why: str
    at: datetime
    category: str = ""
    by: str = ""


Announcement = Announced | SpecRefused
