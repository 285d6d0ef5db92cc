"""How Shoko reads a request: by the rules of the framework below it and of Newtonsoft.Json, else a 400."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from tests.simulators.base import Call, Refusal
from tests.simulators.jellyfin_format import invalid, problem
from tests.simulators.shoko_format import refused
from tests.simulators.shoko_state import ShokoState

T = TypeVar("T")

SPAN = re.compile(r"(-)?(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?")
DAYS = re.compile(r"-?\d{1,8}")
LARGEST = 2**31 - 1


def named(call: Call, state: ShokoState, name: str, there: Mapping[int, T]) -> T:
    """What the path names by its number: `fileID` a file. Refusal: 400, it is no number; 404, no such thing."""
    found = there.get(identifier(call, name, smallest=1 if state.major >= 5 else -LARGEST))
    if found is None:
        kind = name.removesuffix("ID")
        raise refused(call, f"No {kind[0].upper()}{kind[1:]} entry for the given {name}")
    return found


def identifier(call: Call, name: str, *, smallest: int) -> int:
    """A number in the path. Refusal: 400, it is none, or below `smallest`."""
    return _number(call.params[name.lower()], name, smallest, LARGEST)


def number(call: Call, name: str, default: int, *, smallest: int, largest: int = LARGEST) -> int:
    """A number in the query. Refusal: 400, it is none, or out of its range."""
    value = call.query(name)
    return default if value is None else _number(value, name, smallest, largest)


def flag(call: Call, name: str, *, default: bool) -> bool:
    """True or false in the query. Refusal: 400, it is something else (1 and 0 are)."""
    value = call.query(name)
    if value is None:
        return default
    if value.lower() not in ("true", "false"):
        raise invalid(**{name: f"The value '{value}' is not valid."})
    return value.lower() == "true"


async def json_body(call: Call) -> dict[str, object]:
    """The body's members by name in lower case, for letter case is nothing to Newtonsoft.Json.

    Refusal: 415, another content type; 400, no JSON object; 500, nothing at all, which Shoko stumbles over.
    """
    if call.request.content_type not in ("application/json", "text/json", "text/plain"):
        raise problem(415, "Unsupported Media Type")
    body = await call.request.read()
    if not body.strip():
        raise Refusal(500)
    try:
        members = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise invalid(**{"": str(error)}) from None
    return {name.lower(): value for name, value in members.items()}


def integer(members: Mapping[str, object], name: str, default: int) -> int:
    """A whole number, also if it stands in quotes. Refusal: 400, it is none."""
    value = members.get(name.lower(), default)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,10}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -LARGEST <= value <= LARGEST:
        raise unreadable(name, value, "integer")
    return value


def moment_or_none(members: Mapping[str, object], name: str) -> datetime | None:
    """A time; one without a zone is UTC. Refusal: 400, it is none."""
    value = members.get(name.lower())
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None:
        raise unreadable(name, value, "DateTime")
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def span_or_none(members: Mapping[str, object], name: str) -> timedelta | None:
    """A time span as TimeSpan.Parse takes it, to the millisecond. Refusal: 400, it is none; a number is none."""
    value = members.get(name.lower())
    if value is None:
        return None
    if isinstance(value, str):
        if DAYS.fullmatch(value.strip()):
            return timedelta(days=int(value))
        if found := SPAN.fullmatch(value.strip()):
            sign, days, hours, minutes, seconds, fraction = found.groups(default="")
            parts = [int(part or 0) for part in (days, hours, minutes, seconds)]
            if parts[1] < 24 and parts[2] < 60 and parts[3] < 60:
                milliseconds = round(int(fraction.ljust(7, "0")) / 10_000)
                read = timedelta(
                    days=parts[0], hours=parts[1], minutes=parts[2], seconds=parts[3], milliseconds=milliseconds
                )
                return -read if sign else read
    raise unreadable(name, value, "TimeSpan")


def unreadable(name: str, value: object, kind: str) -> Refusal:
    """A 400 for a member of a body that is not what it should be."""
    return invalid(**{name: f"Could not convert {value!r} to {kind}. Path '{name}', line 1."})


def _number(value: str, name: str, smallest: int, largest: int) -> int:
    if not re.fullmatch(r"-?\d{1,10}", value):
        raise invalid(**{name: f"The value '{value}' is not valid."})
    if not smallest <= int(value) <= largest:
        raise invalid(**{name: f"The field {name} must be between {smallest} and {largest}."})
    return int(value)
