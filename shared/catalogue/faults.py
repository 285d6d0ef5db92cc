"""What is wrong with a spec, in words for its author. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from shared.contracts.resources import LONGEST_NAME, is_resource
from shared.contracts.specs import CATEGORY_NAME, JOB_NAME, Calendar, Interval, Parameter, Spec
from shared.contracts.ticks import APPROVES, UNDOES
from shared.timing.durations import DAY_MS, LONGEST_MS, SECOND_MS, format_interval
from shared.timing.errors import BadSchedule, quoted
from shared.timing.patterns import wall_pattern
from shared.timing.slots import compile_schedule

LEAST_INTERVAL_MS = SECOND_MS
"""No job is due more often, unless the settings say otherwise."""

RESERVED = (APPROVES, UNDOES)

_PARAMETER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_TITLE, _TEXT, _LIST = 200, 4000, 100  # letters, letters, entries
_MONTH_S = 30 * 24 * 3600
_WHOLE = 2**53 - 1  # the largest whole number that every language has (RFC 8259, 6)
_ZONE = 64

_KINDS: dict[str, type] = {"text": str, "choice": str, "integer": int, "boolean": bool}


def faults_of(spec: Spec, least_interval_ms: int = LEAST_INTERVAL_MS) -> list[str]:
    """All that has to be mended, each in a sentence without a full stop; none for a spec that can stand."""
    return [
        *_names(spec),
        *_texts(spec),
        *_numbers(spec, least_interval_ms),
        *(_resources(spec.resources) if spec.resources else ()),
        *_schedule(spec, max(least_interval_ms, spec.min_interval_ms)),
        *(_parameters(spec.parameters) if spec.parameters else ()),
    ]


def _names(spec: Spec) -> Iterator[str]:
    if not JOB_NAME.fullmatch(spec.name):
        yield f"name {quoted(spec.name)}: use a-z, 0-9 and _, at most 64, and begin with a letter"
    if not CATEGORY_NAME.fullmatch(spec.category):
        yield f"category {quoted(spec.category)}: use a-z, 0-9 and -, at most 32, and begin with a letter"


def _texts(spec: Spec) -> Iterator[str]:
    if not 0 < len(spec.title.strip()) <= _TITLE:
        yield f"title: say in 1 to {_TITLE} letters what the job is called"
    if len(spec.description) > _TEXT:
        yield f"description: at most {_TEXT} letters"
    for name in ("resources", "needs", "parameters"):
        if len(getattr(spec, name)) > _LIST:
            yield f"{name}: at most {_LIST}"


def _numbers(spec: Spec, least_interval_ms: int) -> Iterator[str]:
    if not 0 <= spec.version <= _WHOLE:
        yield "version: a whole number, 0 or more"
    if not 0 < spec.timeout_s <= _MONTH_S:
        yield "timeout_s: more than 0 seconds, and at most 30 days"
    if not 0 <= spec.patience_s <= _MONTH_S:
        yield "patience_s: 0 seconds to 30 days"
    if not 1 <= spec.attempts <= 1000:
        yield "attempts: 1 to 1000; the first try counts"
    if not 0 <= spec.backoff_s <= _MONTH_S:
        yield "backoff_s: 0 seconds to 30 days"
    if not 1 <= spec.catch_up_limit <= 1000:
        yield "catch_up_limit: 1 to 1000; to catch nothing up, say so with `catch_up`"
    if not least_interval_ms <= spec.min_interval_ms <= LONGEST_MS:
        yield f"min_interval_ms: {least_interval_ms} ({format_interval(least_interval_ms)}) or more, at most 366 days"


def _resources(resources: tuple[str, ...]) -> Iterator[str]:
    if strange := [quoted(name) for name in resources if not is_resource(name)]:
        yield (
            f"resources: {', '.join(strange)}: use words of a-z, 0-9, _ and - with dots between them, at most "
            f"{LONGEST_NAME}, and do not begin with outside"
        )
    if len(set(resources)) < len(resources):
        yield "resources: each name once"


def _schedule(spec: Spec, least_ms: int) -> Iterator[str]:
    schedule = spec.schedule
    if isinstance(schedule, Calendar) and len(schedule.zone) > _ZONE:
        yield f"schedule: {quoted(schedule.zone)} is not a time zone"
        return
    try:
        compile_schedule(schedule, spec.name)
    except BadSchedule as error:
        yield f"schedule: {error}"
        return
    if isinstance(schedule, Interval):
        often = schedule.every_ms
        if abs(schedule.anchor_ms) > _WHOLE:
            yield "schedule: anchor_ms is no moment"
    else:
        often = _shortest_gap(schedule.expression)
    if often < least_ms:
        yield f"schedule: every {format_interval(often)} is too often, every {format_interval(least_ms)} is allowed"
    if schedule.jitter_ms > often:
        yield f"schedule: jitter_ms is more than the {format_interval(often)} from one slot to the next"


@lru_cache(maxsize=4096)
def _shortest_gap(expression: str) -> int:
    """The shortest time between two slots of a cron expression, in milliseconds, taking days to follow each other."""
    times = wall_pattern(expression).times
    return min(later - earlier for earlier, later in pairwise([*times, times[0] + DAY_MS]))


def _parameters(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    names = [parameter.name for parameter in parameters]
    if twice := sorted({quoted(name) for name in names if names.count(name) > 1}):
        yield f"parameters: each name once, not {', '.join(twice)}"
    for parameter in parameters:
        yield from (f"parameter {quoted(parameter.name)}: {fault}" for fault in _parameter(parameter))


def _parameter(parameter: Parameter) -> Iterator[str]:
    if parameter.name in RESERVED:
        yield "this name is reserved, choose another"
    if not _PARAMETER_NAME.fullmatch(parameter.name):
        yield "use A-Z, a-z, 0-9, _ and -, at most 64, and begin with a letter"
    if not 0 < len(parameter.title.strip()) <= _TITLE:
        yield f"say in its title, in 1 to {_TITLE} letters, what it is"
    if parameter.kind == "choice" and not parameter.choices:
        yield "name its choices"
    if parameter.default is None:
        return
    if type(parameter.default) is not _KINDS[parameter.kind]:
        yield f"its default is no value of the kind {parameter.kind}"
    elif parameter.kind == "choice" and parameter.default not in parameter.choices:
        yield "its default is none of its choices"
