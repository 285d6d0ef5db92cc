"""The bucket `notices`: what authors are told of specs that can't stand, and until when."""

from __future__ import annotations

import hashlib

import structlog
from msgspec import DecodeError

from shared.contracts import codec, subjects
from shared.contracts.announcements import SpecRefused
from shared.contracts.specs import JOB_NAME, Spec
from shared.messaging import LAST_PER_SUBJECT, NOTICES_KEPT, Bus, buckets, read_all

log = structlog.get_logger()


class Notices:
    """What stands in the bucket, remembered, so that nothing is written twice. `load` it first."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._standing: dict[str, SpecRefused] = {}

    async def load(self) -> None:
        """Learn what an earlier leader has written."""
        stream, everything = subjects.bucket_stream(subjects.NOTICES), subjects.bucket_key(subjects.NOTICES, ">")
        for message in await read_all(self._bus, stream, (everything,), LAST_PER_SUBJECT):
            try:
                notice = codec.decode_spec_refused(message.data) if message.data else None
            except DecodeError as error:
                log.warning("notice_unreadable", subject=message.subject, reason=str(error))
                continue
            if notice is not None:
                self._remember(buckets.key_of(subjects.NOTICES, message.subject), notice)

    async def tell(self, notice: SpecRefused) -> None:
        """Keep a notice, in place of an earlier one about the same key."""
        place = place_of(notice.key)
        if self._standing.get(place) != notice:
            log.warning("spec_refused", key=notice.key, code=notice.code, reason=notice.why)
            await buckets.force(self._bus, subjects.NOTICES, place, codec.encode(notice))
            self._remember(place, notice)

    async def settle(self, spec: Spec) -> None:
        """This spec stands now: what was said of a former one of the same author no longer matters."""
        notice = self._standing.get(spec.name)
        if notice is not None and notice.category in ("", spec.category):
            await buckets.force(self._bus, subjects.NOTICES, spec.name, b"")
            del self._standing[spec.name]

    def _remember(self, place: str, notice: SpecRefused) -> None:
        self._standing[place] = notice
        if len(self._standing) > NOTICES_KEPT:
            del self._standing[next(iter(self._standing))]


def place_of(key: str) -> str:
    """The key of a notice: that of the spec if it can be a job's name, else one that is made from it."""
    if JOB_NAME.fullmatch(key):
        return key
    return f"-{hashlib.blake2b(key.encode(errors='replace'), digest_size=8).hexdigest()}"
