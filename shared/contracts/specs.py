"""A job's definition, as its worker announces it to the catalogue."""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct, field

JOB_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
CATEGORY_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Interval(Struct, frozen=True, kw_only=True, tag="every"):
    """Due at `anchor_ms + k * every_ms` for every whole k; both in milliseconds (the anchor since the Unix epoch, UTC).

    `jitter_ms` delays each slot by a fixed pseudo-random share of it, the same wherever it is computed.
    """

    every_ms: int
    anchor_ms: int = 0
    jitter_ms: int = 0


class Calendar(Struct, frozen=True, kw_only=True, tag="cron"):
    """Due when the wall clock of `zone` (an IANA name) matches the five fields of the cron `expression`.

    An empty `zone` means the zone of the settings (`SHOWRUNNER_TIMEZONE`).
    """

    expression: str
    zone: str = ""
    jitter_ms: int = 0


Schedule = Interval | Calendar

Overlap = Literal["skip", "queue"]
CatchUp = Literal["none", "latest", "all"]


class Parameter(Struct, frozen=True, kw_only=True):
    """A value that a person may give when running the job by hand."""

    name: str
    title: str
    kind: Literal["text", "integer", "boolean", "choice"]
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()


class Need(Struct, frozen=True, kw_only=True):
    """What must be set up before the job is of any use; `hint` says how to meet it."""

    what: str
    hint: str


class Spec(Struct, frozen=True, kw_only=True, tag="spec.v1"):
    """What a job is, when it is due by default, and how its runs are treated.

    `version` orders specs of the same job: the catalogue keeps the highest. Of the slots missed in a downtime,
    `catch_up` runs none, the latest, or up to `catch_up_limit` of them. `attempts` counts every try of a run, one that
    ended with the death of its worker included; between tries the back-off doubles from `backoff_s`. What a run of a
    job with `undo` has changed can be taken back by another run of the job. A run holds its `resources` alone, and
    waits at most `patience_s` for them; people may tell a job with `quiet` to wait for quiet as well. A job that is
    `paused` runs by hand only, until somebody resumes it. Times are in seconds where the name ends in `_s`, in
    milliseconds where it ends in `_ms`.
    """

    name: str
    title: str
    description: str
    category: str
    schedule: Schedule
    version: int = 1
    enabled: bool = True
    paused: bool = False
    overlap: Overlap = "skip"
    catch_up: CatchUp = "latest"
    catch_up_limit: int = 10
    timeout_s: float = 3600.0
    attempts: int = 3
    backoff_s: float = 10.0
    min_interval_ms: int = 1000
    resources: tuple[str, ...] = ()
    patience_s: float = 1800.0
    quiet: bool = False
    needs: tuple[Need, ...] = ()
    parameters: tuple[Parameter, ...] = field(default_factory=tuple)
    dry_run: bool = False
    undo: bool = False
    advanced: bool = False
    destructive: bool = False
    editable: bool = True
