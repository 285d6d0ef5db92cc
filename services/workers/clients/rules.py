"""When to ask a server, when to ask it again, and when to leave it alone. Times are seconds of one monotonic clock."""

from __future__ import annotations

from msgspec import Struct, structs


class Manners(Struct, frozen=True, kw_only=True):
    """How to treat a server. Times in seconds.

    `gap` lies between the starts of two requests; a request is given up after `patience`. One that failed for now is
    made `tries` times in all, after a random part of a pause that doubles from `first_pause` up to `longest_pause`.
    After `failures_to_cool` requests in a row without an answer, the server is left alone for `cool_down`.
    """

    gap: float
    patience: float = 20.0
    tries: int = 3
    first_pause: float = 1.0
    longest_pause: float = 20.0
    failures_to_cool: int = 3
    cool_down: float = 30.0


FOR_PLEX_TV = Manners(gap=1.0)
"""plex.tv belongs to everybody, and answers 429 to those in a hurry."""
FOR_MEDIA_SERVERS = Manners(gap=0.1)
FOR_SHOKO = Manners(gap=0.002)
"""A history is read file by file, tens of thousands of them; and it is one's own server, with all of it in memory."""
FOR_SHOKO_WRITES = Manners(gap=0.1)
"""What is written may start a job there that tells AniDB, which bans those in a hurry."""


class Standing(Struct, frozen=True, kw_only=True):
    """What is remembered of a server: when it may be asked next, how often it failed in a row, until when it cools."""

    next_at: float = 0.0
    failures: int = 0
    cool_until: float = 0.0


def booked(standing: Standing, manners: Manners, now: float) -> tuple[Standing, float]:
    """Take the next turn: the standing after it, and when it is."""
    turn = max(now, standing.next_at)
    return structs.replace(standing, next_at=turn + manners.gap), turn


def answered(standing: Standing) -> Standing:
    """After an answer, even a refusal: it is there."""
    return structs.replace(standing, failures=0, cool_until=0.0)


def failed(standing: Standing, manners: Manners, now: float) -> Standing:
    """After a request without an answer."""
    failures = standing.failures + 1
    cool_until = now + manners.cool_down if failures >= manners.failures_to_cool else standing.cool_until
    return structs.replace(standing, failures=failures, cool_until=cool_until)


def pause(manners: Manners, tries: int, chance: float, retry_after: float | None) -> float | None:
    """How long to wait after so many failed tries, or None: no more. `chance` is a random number from 0 to 1.

    Full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog); what the server asks for comes on top, and
    one that asks for longer than `longest_pause` is not waited for.
    """
    if tries >= manners.tries or (retry_after or 0.0) > manners.longest_pause:
        return None
    return (retry_after or 0.0) + chance * min(manners.longest_pause, manners.first_pause * 2.0 ** (tries - 1))
