"""Telling the catalogue which jobs this worker can run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import structlog

from shared.contracts import codec, subjects
from shared.contracts.specs import CATEGORY_NAME, JOB_NAME, Spec
from shared.messaging import BATCH_LIMIT, LAST_PER_SUBJECT, Bus, Conflict, Entry, append, read_all
from shared.messaging.buckets import key_of

log = structlog.get_logger()


class BadSpec(Exception):
    """A spec that can't be announced; the message says why, and how to mend it."""


async def announce(bus: Bus, specs: Iterable[Spec]) -> int:
    """Write the specs that are new, changed or of a higher version than what stands there; how many those are.

    Raises `BadSpec` for a name or category that breaks the rules, or a name that belongs to another category.
    """
    wanted = {spec.name: spec for spec in specs}
    for spec in wanted.values():
        _check_names(spec)
    while True:
        try:
            return await _write(bus, wanted)
        except Conflict:
            # Another worker announces the same specs just now: look again.
            continue


async def _write(bus: Bus, wanted: dict[str, Spec]) -> int:
    stream = subjects.bucket_stream(subjects.CATALOGUE)
    standing = await read_all(bus, stream, (subjects.bucket_key(subjects.CATALOGUE, ">"),), LAST_PER_SUBJECT)
    found = {key_of(subjects.CATALOGUE, message.subject): message for message in standing}
    entries: list[Entry] = []
    for name, spec in wanted.items():
        message = found.get(name)
        if message is None or supersedes(spec, message.data):
            subject = subjects.bucket_key(subjects.CATALOGUE, name)
            entries.append(Entry(subject, codec.encode(spec), subject, message.sequence if message else 0))
    for start in range(0, len(entries), BATCH_LIMIT):
        await append(bus, entries[start : start + BATCH_LIMIT])
    if entries:
        log.info("specs_announced", count=len(entries))
    return len(entries)


def supersedes(spec: Spec, standing: bytes) -> bool:
    """Whether a spec takes the place of what stands in the catalogue. BadSpec: that is another category's."""
    if not standing:
        return True
    try:
        other = codec.decode_spec(standing)
    except msgspec.DecodeError:
        return True
    if other.category != spec.category:
        raise BadSpec(
            f"the name {spec.name} belongs to category {other.category}: give the job of {spec.category} another name"
        )
    return spec.version >= other.version and spec != other


def _check_names(spec: Spec) -> None:
    if not JOB_NAME.fullmatch(spec.name):
        raise BadSpec(f"job name {spec.name!r}: use a-z, 0-9 and _, at most 64, and begin with a letter")
    if not CATEGORY_NAME.fullmatch(spec.category):
        raise BadSpec(f"category {spec.category!r}: use a-z, 0-9 and -, at most 32, and begin with a letter")
