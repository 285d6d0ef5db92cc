"""What may stand in the catalogue: the rules, and that no bytes are anything else than a spec or a reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.board import Board
from services.gateway.board.shapes import Job as Shown
from services.scheduler.jobs import Job, timing_of, to_time
from services.scheduler.planner import decide, next_wake
from services.scheduler.roster import Roster
from shared.catalogue.admission import LARGEST, BadSpec, Claim, Reader, admitted
from shared.catalogue.faults import faults_of
from shared.contracts import codec
from shared.contracts.announcements import SpecFault
from shared.contracts.specs import Calendar, Interval, Need, Parameter, Spec
from shared.timing.durations import DAY_MS
from tests.support.handlers import spec
from tests.support.structs import structs

NOW = 1_800_000_000_000
MOMENT = to_time(NOW)
GOOD = spec("tidy")
MINUTE = 60_000


def parameter(name: str = "path", **given: Any) -> Parameter:
    return Parameter(**({"name": name, "title": "Where", "kind": "text"} | given))


def refused(data: bytes, key: str = "tidy", claim: Claim | None = None) -> BadSpec:
    with pytest.raises(BadSpec) as found:
        admitted(key, data, claim)
    return found.value


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"name": "Tidy up"}, "name 'Tidy up': use a-z"),
    ({"category": "my.own"}, "category 'my.own': use a-z"),
    ({"title": "  "}, "title: say"),
    ({"description": "x" * 5000}, "description: at most"),
    ({"needs": (Need(what="a", hint="b"),) * 101}, "needs: at most 100"),
    ({"version": -1}, "version: a whole number"),
    ({"timeout_s": 0.0}, "timeout_s: more than 0"),
    ({"timeout_s": 1e12}, "timeout_s: more than 0 seconds, and at most 30 days"),
    ({"attempts": 0}, "attempts: 1 to"),
    ({"backoff_s": -1.0}, "backoff_s: 0"),
    ({"catch_up_limit": 0}, "catch_up_limit: 1"),
    ({"min_interval_ms": 999}, "min_interval_ms: 1000 (1s) or more"),
    ({"schedule": Interval(every_ms=500)}, "every 500ms is too often, every 1s is allowed"),
    ({"schedule": Interval(every_ms=MINUTE), "min_interval_ms": DAY_MS}, "every 1m is too often, every 1d is allowed"),
    ({"schedule": Calendar(expression="* * * * *"), "min_interval_ms": 120_000}, "every 1m is too often"),
    ({"schedule": Interval(every_ms=-5)}, "is not an interval"),
    ({"schedule": Interval(every_ms=MINUTE, jitter_ms=MINUTE + 1)}, "jitter"),
    ({"schedule": Interval(every_ms=MINUTE, anchor_ms=10**30)}, "anchor_ms"),
    ({"schedule": Calendar(expression="61 * * * *")}, "its minute field '61' is wrong"),
    ({"schedule": Calendar(expression="0 0 30 2 *")}, "never comes"),
    ({"schedule": Calendar(expression="0 3 * * *", zone="Mars/Olympus")}, "is not a time zone"),
    ({"schedule": Calendar(expression="0 3 * * *", zone="x" * 9999)}, "is not a time zone"),
    ({"schedule": Calendar(expression="0 3 * * *", jitter_ms=10**15)}, "jitter_ms is more than the 1d"),
    ({"parameters": (parameter(), parameter())}, "each name once, not 'path'"),
    ({"parameters": (parameter("approves"),)}, "'approves': this name is reserved"),
    ({"parameters": (parameter("undoes"),)}, "'undoes': this name is reserved"),
    ({"parameters": (parameter("a b"),)}, "'a b': use A-Z"),
    ({"parameters": (parameter(title=""),)}, "say in its title"),
    ({"parameters": (parameter(kind="choice"),)}, "name its choices"),
    ({"parameters": (parameter(kind="choice", choices=("a",), default="b"),)}, "none of its choices"),
    ({"parameters": (parameter(kind="integer", default=True),)}, "no value of the kind integer"),
    ({"title": "nothing\0"}, "U+0000"),
    ({"resources": ("Disk A",)}, "resources: 'Disk A': use words of a-z"),
    ({"resources": ("outside.library",)}, "do not begin with outside"),
    ({"resources": ("disk", "disk")}, "resources: each name once"),
    ({"patience_s": -1.0}, "patience_s: 0 seconds to 30 days"),
]


@pytest.mark.parametrize(("given", "reason"), FAULTS, ids=[reason for _, reason in FAULTS])
def test_a_spec_that_breaks_a_rule_is_refused_with_the_reason(given: dict[str, Any], reason: str) -> None:
    bad = spec(**({"name": "tidy"} | given))
    found = refused(codec.encode(bad), key=bad.name)
    assert found.code == "unusable" and reason in found.why


def test_all_reasons_are_told_at_once() -> None:
    assert len(faults_of(spec("tidy", attempts=0, timeout_s=0.0, title=""))) == 3


@pytest.mark.parametrize(
    "good",
    [
        GOOD,
        spec("tidy", Calendar(expression="*/5 8-17 * * MON-FRI", zone="Europe/Paris", jitter_ms=30_000)),
        spec("tidy", Interval(every_ms=1000, jitter_ms=1000), min_interval_ms=1000),
        spec("tidy", resources=("library.2f", "disk-1"), patience_s=0.0),
        spec("tidy", parameters=(parameter(default="/"), parameter("how", kind="choice", choices=("a", "b")))),
    ],
)
def test_a_spec_that_keeps_the_rules_stands(good: Spec) -> None:
    assert admitted("tidy", codec.encode(good)) == good


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"", "unreadable", "no spec.v1"),
        (b"{", "unreadable", "no spec.v1"),
        (codec.encode(GOOD).replace(b"spec.v1", b"spec.v9"), "unreadable", "spec.v9"),
        (codec.encode(GOOD).replace(b"A job.", b"\xff"), "unreadable", "not UTF-8"),
        (b'{"deep":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "unreadable", "nested too deeply"),
        (b" " * (LARGEST + 1), "unreadable", "at most"),
        (codec.encode(spec("other")), "unusable", "'other', but its key is 'tidy'"),
    ],
)
def test_what_is_no_spec_of_this_key_is_refused(data: bytes, code: SpecFault, reason: str) -> None:
    found = refused(data)
    assert found.code == code and reason in found.why


def test_a_name_belongs_to_the_category_that_had_it_first_until_it_is_withdrawn() -> None:
    reader, other = Reader(), codec.encode(spec("tidy", category="other"))
    assert reader.read("tidy", codec.encode(GOOD)) == GOOD
    with pytest.raises(BadSpec, match="the name tidy belongs to category test") as found:
        reader.read("tidy", other)
    assert (found.value.code, found.value.category) == ("name_taken", "other")
    assert reader.read("tidy", b"") is None
    taken = reader.read("tidy", other)
    assert taken is not None and taken.category == "other"


def test_a_lower_version_does_not_take_the_place_of_a_higher_one() -> None:
    assert refused(codec.encode(GOOD), claim=Claim("test", 2)).code == "outdated"
    assert admitted("tidy", codec.encode(GOOD), Claim("test", 1)) == GOOD


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, -1, 1e308, 10**18])
EXPRESSIONS = st.text("0123456789*/-,#LW MONFEB", max_size=20) | st.sampled_from(["0 0 29 2 *", "0 0 L * 5L", "@daily"])
ZONES = st.text(max_size=10) | st.sampled_from(
    ["UTC", "Europe/Paris", "../UTC", "/etc/passwd", "America", "posixrules"]
)
SCHEDULES = st.fixed_dictionaries(
    {"type": st.just("cron"), "expression": EXPRESSIONS}, optional={"zone": ZONES, "jitter_ms": NUMBERS}
) | st.fixed_dictionaries(
    {"type": st.just("every"), "every_ms": NUMBERS}, optional={"anchor_ms": NUMBERS, "jitter_ms": NUMBERS}
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NEAR_SPECS = st.builds(
    lambda given, changes: msgspec.json.encode(given | changes),
    st.just(msgspec.to_builtins(GOOD)),
    st.fixed_dictionaries(
        {},
        optional={
            "schedule": SCHEDULES,
            "timeout_s": NUMBERS,
            "attempts": NUMBERS,
            "catch_up_limit": NUMBERS,
            "min_interval_ms": NUMBERS,
            "version": NUMBERS,
            "title": ANYTHING,
            "parameters": ANYTHING,
            "needs": ANYTHING,
        },
    ),
)
ENTRIES = st.binary(max_size=80) | structs(Spec).map(codec.encode) | NEAR_SPECS


@settings(max_examples=400, deadline=None)
@given(data=ENTRIES)
def test_no_bytes_bring_the_scheduler_anything_but_a_job_or_a_reason(data: bytes) -> None:
    try:
        found = admitted("tidy", data)
    except BadSpec as bad:
        assert bad.why
        return
    roster = Roster("UTC")
    roster.announce(timing_of(found), revision=1, since=NOW, now=NOW)
    job: Job = roster.jobs["tidy"]
    for now in (NOW, NOW + DAY_MS):
        while (decision := decide(job, now)) is not None:
            job.accounted = max(job.accounted, getattr(decision, "slot", 0), getattr(decision, "last", 0))
        assert next_wake(job, now) > now


@settings(max_examples=400, deadline=None)
@given(entries=st.lists(ENTRIES, max_size=3))
def test_no_bytes_bring_a_gateway_anything_but_a_job_that_it_can_show(entries: list[bytes]) -> None:
    reader, board = Reader(), Board("b0", "UTC")
    board.apply_spec("tidy", GOOD)
    for data in entries:
        try:
            board.apply_spec("tidy", reader.read("tidy", data))
        except BadSpec as bad:
            assert bad.why
    if (entry := board.find("tidy")) is None:
        assert b"" in entries, "only an empty entry withdraws a job"
        return
    assert msgspec.json.decode(board.view(entry, MOMENT), type=Shown).name == "tidy"
    assert entry.spec is not None and b"\\u0000" not in codec.encode(entry.spec)
