"""The account of slots, computed anew: nothing of this is taken from the scheduler. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from shared.contracts.specs import Interval, Spec

# How late a slot has to be for the catch-up rule, as the design has it.
LATE_MS = 30_000

LOST, DOUBLED = "lost: ", "doubled: "
"""How a fault begins that says so; all others are differences of another kind."""


class Entry(Struct, frozen=True, kw_only=True):
    """What the tick log says of the slots `first` to `last`: that one was fired (`why` is empty), or why none was.

    `at` is when its author wrote it, by its own clock; all are milliseconds since the Unix epoch.
    """

    first: int
    last: int
    count: int
    why: str
    at: int


def faults(spec: Spec, entries: Sequence[Entry], since: int, until: int, *, paused: bool) -> Iterator[str]:
    """Whatever is wrong with a job's entries, in words.

    Each slot after `since` has to be there once, in order, up to `until` at least. `paused`: people have paused it.
    """
    every_ms = every(spec)
    expected = since - since % every_ms + every_ms
    for entry in entries:
        if entry.first < expected:
            yield f"{DOUBLED}slot {entry.first} counts twice"
        if entry.first > expected:
            yield f"{LOST}the slots from {expected} up to {entry.first}"
        if entry.first % every_ms or entry.last % every_ms:
            yield f"{entry} speaks of moments that are no slots"
        if entry.count != (entry.last - entry.first) // every_ms + 1:
            yield f"{entry} has counted wrongly"
        if reason := _unreasonable(spec, entry, every_ms, paused=paused):
            yield f"{entry}: {reason}"
        expected = max(expected, entry.last + every_ms)
    if expected <= until:
        yield f"{LOST}the slots from {expected} up to {until}"


def accounted_until(spec: Spec, entries: Sequence[Entry], since: int) -> int:
    """The moment up to which every slot is accounted for, if none is missing before."""
    return max((entry.last for entry in entries), default=since) + every(spec) - 1


def every(spec: Spec) -> int:
    """Milliseconds from slot to slot."""
    assert isinstance(spec.schedule, Interval) and not (spec.schedule.anchor_ms or spec.schedule.jitter_ms)
    return spec.schedule.every_ms


def _unreasonable(spec: Spec, entry: Entry, every_ms: int, *, paused: bool) -> str:
    """What speaks against the reason of an entry by the job's own rules; empty if nothing does."""
    if entry.first > entry.at:
        return "was written before it was due"
    allowed = {
        "": (True, ""),
        "merged": (entry.last + every_ms <= entry.at, "no newer slot was due to merge it with"),
        "overlap": (spec.overlap == "skip", "this job lets slots wait"),
        "downtime": (
            spec.catch_up != "latest" and entry.first < entry.at - LATE_MS,
            "this job catches up, or it was not late",
        ),
        "paused": (paused, "nobody paused it"),
    }
    right, fault = allowed.get(entry.why, (False, "nobody asked for it"))
    return "" if right else fault
