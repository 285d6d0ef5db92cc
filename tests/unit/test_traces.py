"""Ids that everybody works out alike, samples of runs, and callers' own traces."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.ids import slot_run
from shared.runtime.settings import SettingsError
from shared.runtime.telemetry import sample_ratio
from shared.runtime.traces import Link, link_of, sampled, span_id

RUN = UUID("019a5c3e-8000-7abc-8def-0123456789ab")
HERE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
MINUTE_MS = 60_000


def test_a_span_id_can_be_worked_out_from_the_page_of_the_docs() -> None:
    digest = hashlib.sha256(bytes.fromhex("019a5c3e80007abc8def0123456789ab") + b"attempt:2").hexdigest()
    assert f"{span_id(RUN, 'attempt', 2):016x}" == digest[:16]


@given(st.uuids(), st.integers(1, 50))
def test_spans_of_a_run_are_told_apart(run: UUID, attempt: int) -> None:
    ids = {span_id(run, "asked"), span_id(run, "tick"), span_id(run, "projected"), span_id(run, "attempt", attempt)}
    assert len(ids) == 4 and all(0 < id < 2**64 for id in ids)


def test_a_sample_is_a_share_of_the_runs_of_each_job() -> None:
    runs = [slot_run("sync_plex", 1_750_000_000_000 + number * MINUTE_MS) for number in range(4000)]
    assert 0.22 < sum(sampled(run, 0.25) for run in runs) / len(runs) < 0.28
    assert all(sampled(run, 1.0) for run in runs) and not any(sampled(run, 0.0) for run in runs)


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         Link(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings",
         Link(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", None),
        ("", None),
        ("nonsense", None),
    ],
)  # fmt: skip
def test_a_caller_is_known_by_traceparent(header: str, link: Link | None) -> None:
    assert link_of(header) == link


@pytest.mark.parametrize(
    ("environ", "ratio"),
    [
        ({}, 0.0),
        (HERE, 1.0),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, 1.0),
        (HERE | {"OTEL_SDK_DISABLED": "true"}, 0.0),
        (HERE | {"OTEL_TRACES_EXPORTER": "none"}, 0.0),
        (HERE | {"OTEL_TRACES_SAMPLER": "always_off"}, 0.0),
        (HERE | {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}, 0.1),
    ],
)
def test_the_standard_variables_say_how_much_is_sent(environ: dict[str, str], ratio: float) -> None:
    assert sample_ratio(environ) == ratio


@pytest.mark.parametrize(("sampler", "argument"), [("traceidratio", "many"), ("traceidratio", "2"), ("jaeger", "1")])
def test_a_sampler_that_is_not_understood_is_an_error(sampler: str, argument: str) -> None:
    with pytest.raises(SettingsError, match="write always_on"):
        sample_ratio(HERE | {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument})
