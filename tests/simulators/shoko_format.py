"""How Shoko writes, version by version: times and time spans, itself, its users and what they have watched.

After Shoko.Server/API/v3 of 4.2 to 6.0 and the way it has set up Newtonsoft.Json.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from tests.simulators.base import Call, Refusal
from tests.simulators.shoko_state import ShokoState, User, UserStats

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""When everything was added."""
STARTED = 2
KEPT = 4096
"""Moments and spans whose text is kept: a list of thousands bears the same few again and again."""


@lru_cache(KEPT)
def span(value: timedelta) -> str:
    """A time span in .NET's constant format: [-][d.]hh:mm:ss[.fffffff]."""
    rest, sign = abs(value), "-" if value < timedelta() else ""
    hours, minutes = divmod(rest.seconds // 60, 60)
    days = f"{rest.days}." if rest.days else ""
    fraction = f".{rest.microseconds:06}0" if rest.microseconds else ""
    return f"{sign}{days}{hours:02}:{minutes:02}:{rest.seconds % 60:02}{fraction}"


@lru_cache(KEPT)
def moment(value: datetime, *, zoned: bool) -> str:
    """A moment as IsoDateTimeConverter writes it: decimals only where they say something. Before 5 without the Z."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds").rstrip("0").rstrip(".")
    return f"{text}Z" if zoned else text


def refused(call: Call, text: str, *, status: int = 404) -> Refusal:
    """A "no" with one sentence: as text, or as a JSON string for whoever asks for JSON."""
    if call.wants_json:
        return Refusal(status, msgspec.json.encode(text).decode(), "application/json")
    return Refusal(status, text)


def full_version(version: str) -> str:
    """5.3 is 5.3.0.0, as assemblies are numbered; from 6 on it is 6.0.0, as packages are."""
    numbers, dash, rest = version.partition("-")
    length = 4 if int(version.split(".", maxsplit=1)[0]) < 6 else 3
    return ".".join((numbers.split(".") + ["0"] * length)[:length]) + dash + rest


def versions(state: ShokoState) -> dict[str, object]:
    """What the server and its parts are."""
    component = {
        "Version": full_version(state.version),
        "ReleaseChannel": "Dev" if "-dev" in state.version else "Stable",
        "Commit": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
        "Tag": f"v{state.version}",
        "ReleaseDate": moment(BEGINNING, zoned=True),
    }
    parts = {"Commons": {"Version": "1.0.0.0"}, "Models": {"Version": "1.0.0.0"}} if state.major < 5 else {}
    return {"Server": component, "MediaInfo": {"Version": "23.04"}, **parts}


def status(state: ShokoState, started_at: datetime, *, known: bool) -> dict[str, object]:
    """How the server does. From 6 on, a stranger learns only that it has started."""
    told = known or state.major < 6
    seconds = int((state.now() - started_at).total_seconds())
    uptime = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return {
        "State": STARTED,
        "StartupMessage": None,
        "Uptime": uptime if told else None,
        "DatabaseBlocked": {"Blocked": False} if told else None,
    }


def user(state: ShokoState, one: User) -> dict[str, object]:
    """A user. There is nothing of their password in it."""
    content: dict[str, object] = {
        "ID": one.id,
        "Username": one.name,
        "IsAdmin": one.is_admin,
        "CommunitySites": ["AniDB" if state.major >= 5 else 0] if one.syncs_anidb else [],
        "RestrictedTags": [],
        "Avatar": "",
    }
    return content if state.major < 5 else content | {"PlexUsernames": ""}


def position_name(state: ShokoState) -> str:
    """What the position is called in user stats."""
    return "ProgressPosition" if state.major >= 6 else "ResumePosition"


def user_stats(state: ShokoState, stats: UserStats) -> dict[str, object]:
    """User stats. A position of nought is none before 6, and 00:00:00 from then on."""
    zoned = state.major >= 5
    position = span(stats.position) if stats.position or state.major >= 6 else None
    content: dict[str, object] = {
        position_name(state): position,
        "WatchedCount": stats.count,
        "LastWatchedAt": stats.last_watched_at and moment(stats.last_watched_at, zoned=zoned),
        "LastUpdatedAt": moment(stats.last_updated_at, zoned=zoned),
    }
    if state.major >= 6:
        content |= dict.fromkeys(("LastVideoStreamIndex", "LastAudioStreamIndex", "LastSubtitleStreamIndex"))
    return content
