"""Telling the catalogue which jobs this worker can run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import structlog

from shared.catalogue.admission import BadSpec, checked, name_taken
from shared.catalogue.faults import LEAST_INTERVAL_MS
from shared.contracts import codec, subjects
from shared.contracts.announcements import Announce, SpecRefused
from shared.contracts.specs import Spec
from shared.messaging import BATCH_LIMIT, LAST_PER_SUBJECT, Bus, Conflict, Entry, append, read_all
from shared.messaging.buckets import key_of

log = structlog.get_logger()

_ANSWER_S = 2.0


def check(specs: Iterable[Spec], least_interval_ms: int = LEAST_INTERVAL_MS) -> None:
    """Raises `BadSpec` for the first spec that could stand in no catalogue."""
    for spec in specs:
        try:
            checked(spec, None, least_interval_ms)
        except BadSpec as bad:
            raise BadSpec(bad.code, f"job {spec.name}: {bad.why}", bad.category) from None


async def announce(bus: Bus, specs: Iterable[Spec], by: str = "") -> int:
    """Write the specs that are new, changed or of a higher version than what stands there; how many those are.

    One whose name belongs to another category is left out: the scheduler is asked, and keeps a notice of its refusal,
    which is shown to people, in the name of the worker `by`.

    Raises `Forbidden` where our user may not write there: then `ask_for` them.
    """
    wanted = {spec.name: spec for spec in specs}
    while True:
        try:
            written, strangers = await _write(bus, wanted)
            break
        except Conflict:
            # Another worker announces the same specs just now: look again.
            continue
    await ask_for(bus, strangers, by)
    return written


async def ask_for(bus: Bus, specs: Iterable[Spec], by: str = "") -> None:
    """Have the scheduler that leads say what becomes of each. Raises `Unreachable` when none does."""
    for spec in specs:
        await _ask(bus, spec, by)


async def _write(bus: Bus, wanted: dict[str, Spec]) -> tuple[int, list[Spec]]:
    """How many were written, and those that were not, since another category has the name."""
    stream = subjects.bucket_stream(subjects.CATALOGUE)
    standing = await read_all(bus, stream, (subjects.bucket_key(subjects.CATALOGUE, ">"),), LAST_PER_SUBJECT)
    found = {key_of(subjects.CATALOGUE, message.subject): message for message in standing}
    entries: list[Entry] = []
    strangers: list[Spec] = []
    for name, spec in wanted.items():
        message = found.get(name)
        try:
            if message is not None and not supersedes(spec, message.data):
                continue
        except BadSpec:
            strangers.append(spec)
            continue
        subject = subjects.bucket_key(subjects.CATALOGUE, name)
        entries.append(Entry(subject, codec.encode(spec), subject, message.sequence if message else 0))
    for start in range(0, len(entries), BATCH_LIMIT):
        await append(bus, entries[start : start + BATCH_LIMIT])
    if entries:
        log.info("specs_announced", count=len(entries))
    return len(entries), strangers


async def _ask(bus: Bus, spec: Spec, by: str) -> None:
    """Have the scheduler say what becomes of this spec."""
    subject = subjects.announcing(spec.category)
    answer = await bus.request(subject, codec.encode(Announce(spec=spec, by=by)), _ANSWER_S)
    refused = codec.decode_announcement(answer)
    if isinstance(refused, SpecRefused):
        log.error("spec_refused", job=spec.name, code=refused.code, reason=refused.why)


def supersedes(spec: Spec, standing: bytes) -> bool:
    """Whether a spec takes the place of what stands in the catalogue. BadSpec: that is another category's."""
    if not standing:
        return True
    try:
        other = codec.decode_spec(standing)
    except msgspec.DecodeError:
        return True
    if other.category != spec.category:
        raise name_taken(spec, other.category)
    return spec.version >= other.version and spec != other
