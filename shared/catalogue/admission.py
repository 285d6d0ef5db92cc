"""Whether an entry can stand in the catalogue, beside what stands there already. Pure.

BadSpec     it can't: the code, and why, for its author
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from shared.contracts import codec
from shared.contracts.announcements import SpecFault
from shared.contracts.specs import Spec

from .faults import LEAST_INTERVAL_MS, faults_of

LARGEST = 64 * 1024
"""Bytes of an entry."""

ANY_INTERVAL_MS = 1
"""For readers that leave it to the scheduler which intervals are too short."""

_NUL = b"\\u0000"


class BadSpec(Exception):
    """A spec that can't stand in the catalogue; the message says why, and how to mend it.

    `category` is the one that it claims, empty when it could not be read.
    """

    def __init__(self, code: SpecFault, why: str, category: str = "") -> None:
        super().__init__(why)
        self.code: SpecFault = code
        self.why = why
        self.category = category


class Claim(NamedTuple):
    """Whose a name is, and since which version."""

    category: str
    version: int


def admitted(key: str, data: bytes, claim: Claim | None = None, least_interval_ms: int = LEAST_INTERVAL_MS) -> Spec:
    """The spec that is to stand under `key`, where `claim` stands (None: nothing does). Raises `BadSpec`."""
    if len(data) > LARGEST:
        raise BadSpec("unreadable", f"the spec has {len(data)} bytes: at most {LARGEST} are taken")
    try:
        spec = codec.decode_spec(data)
    except msgspec.DecodeError as error:
        raise BadSpec("unreadable", f"this is no spec.v1: {error}") from error
    if spec.name != key:
        raise BadSpec(
            "unusable", f"the spec names the job {spec.name!r:.80}, but its key is {key!r:.80}", spec.category
        )
    return checked(spec, claim, least_interval_ms, text_may_hold_nul=_NUL in data)


def checked(
    spec: Spec, claim: Claim | None, least_interval_ms: int = LEAST_INTERVAL_MS, *, text_may_hold_nul: bool = True
) -> Spec:
    """The spec itself, if it can stand where `claim` does. Raises `BadSpec`."""
    if faults := faults_of(spec, least_interval_ms):
        raise BadSpec("unusable", "; ".join(faults), spec.category)
    if text_may_hold_nul and _holds_nul(msgspec.to_builtins(spec)):
        raise BadSpec("unusable", "texts can't hold the character U+0000", spec.category)
    if claim and claim.category != spec.category:
        raise name_taken(spec, claim.category)
    if claim and claim.version > spec.version:
        why = f"version {spec.version} is older than version {claim.version}, which stands: announce a higher one"
        raise BadSpec("outdated", why, spec.category)
    return spec


def name_taken(spec: Spec, owner: str) -> BadSpec:
    """The error of a spec whose name is that of a job of category `owner`."""
    why = f"the name {spec.name} belongs to category {owner}: give the job of {spec.category} another name"
    return BadSpec("name_taken", why, spec.category)


def elsewhere(spec: Spec, announced_for: str) -> BadSpec:
    """The error of a spec that was announced for another category than its own."""
    why = f"the job is of category {spec.category}, and was announced for {announced_for}: announce it for its own"
    return BadSpec("unusable", why, spec.category)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(inner) for pair in value.items() for inner in pair)
    return isinstance(value, list | tuple) and any(map(_holds_nul, value))


class Reader:
    """What stands under each key, told entry by entry in the order of the stream."""

    def __init__(self, least_interval_ms: int = ANY_INTERVAL_MS) -> None:
        self._least_interval_ms = least_interval_ms
        self._claims: dict[str, Claim] = {}

    def read(self, key: str, data: bytes) -> Spec | None:
        """The spec that stands from this entry on; None when the job is withdrawn by it. `BadSpec`: set it aside."""
        if not data:
            self._claims.pop(key, None)
            return None
        spec = admitted(key, data, self._claims.get(key), self._least_interval_ms)
        self._claims[key] = Claim(spec.category, spec.version)
        return spec
