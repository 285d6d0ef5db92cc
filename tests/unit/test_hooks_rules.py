"""Which event a caller tells of; who is told of which run, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.hooks.payload import LONGEST_EVENT, event_in
from services.gateway.hooks.rules import (
    MOST_TRIES,
    concerns,
    event_of,
    fault_of,
    message_of,
    pause_after,
    tellings,
)
from services.gateway.hooks.terms import HookEvent, HookOut
from services.gateway.runs import RunRow
from shared.contracts.feed import Run
from shared.contracts.reports import Failure, Outcome

FORM = "multipart/form-data; boundary=----Plex"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def form(**parts: bytes) -> bytes:
    """As Plex sends it: `payload`, and a picture."""
    lines = [
        b'------Plex\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), content)
        for name, content in parts.items()
    ]
    return b"".join(lines) + b"------Plex--\r\n"


@pytest.mark.parametrize(
    ("content_type", "body", "event"),
    [
        ("application/json", b'{"event": "deploy"}', "deploy"),
        ("application/json; charset=utf-8", b'{"NotificationType": "ItemAdded", "Name": "Alien"}', "ItemAdded"),
        ("text/plain", b'{"NotificationType": "ItemAdded"}', "ItemAdded"),
        ("application/json", b'{"eventType": "Download"}', "Download"),
        ("", b'{"notification_type": "MEDIA_AVAILABLE"}', "MEDIA_AVAILABLE"),
        (FORM, form(payload=b'{"event": "library.new"}', thumb=b"\xff\xd8\xff\xe0\r\n\x00"), "library.new"),
        (FORM, form(thumb=b"\xff\xd8"), ""),
        (FORM, b'{"event": "library.new"}', ""),
        ("multipart/form-data", form(payload=b'{"event": "library.new"}'), ""),
        ("application/json", b'{"event": 7, "eventType": "Grab"}', "Grab"),
        ("application/json", b'["event"]', ""),
        ("application/json", b"", ""),
        ("application/json", b"\xff\xfe", ""),
        ("application/json", b'{"event": "%b"}' % (b"x" * 1000), "x" * LONGEST_EVENT),
        ("application/json", b'{"event": "a\\u0000b"}', "ab"),
        ("application/json", b"[" * 100_000, ""),
    ],
)
def test_the_event_is_found_where_such_senders_put_it(content_type: str, body: bytes, event: str) -> None:
    assert event_in(content_type, body) == event


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60), st.binary(max_size=200))
def test_whatever_comes_is_read_or_passed_over(content_type: str, body: bytes) -> None:
    event_in(content_type, body)
    event_in(FORM, body)


@pytest.mark.parametrize(
    ("outcome", "before", "event"),
    [
        ("failed", None, "failed"),
        ("failed", "failed", "failed"),
        ("held", "failed", "held"),
        ("succeeded", None, "finished"),
        ("succeeded", "succeeded", "finished"),
        ("succeeded", "failed", "recovered"),
        ("cancelled", "failed", "finished"),
        ("skipped", "failed", "finished"),
    ],
)
def test_the_event_of_an_end(outcome: Outcome, before: Outcome | None, event: HookEvent) -> None:
    assert event_of(outcome, before) == event


def hook(*events: HookEvent, jobs: tuple[str, ...] = (), categories: tuple[str, ...] = ()) -> HookOut:
    return HookOut(
        id=uuid4(), name="h", url="http://h", events=events, jobs=jobs, categories=categories, enabled=True,
        created_at=NOW,
    )  # fmt: skip


def ended(outcome: Outcome, job: str = "sync_plex", category: str = "sync") -> RunRow:
    return RunRow(uuid4(), job, category, outcome=outcome)


def test_a_hook_is_about_all_jobs_or_those_it_names() -> None:
    assert concerns(hook("failed"), "sync_plex", "sync")
    named = hook("failed", jobs=("sync_plex",), categories=("mail",))
    found = [concerns(named, *job) for job in (("sync_plex", "sync"), ("send", "mail"), ("other", "sync"))]
    assert found == [True, True, False]


def test_a_hook_is_told_once_of_each_run_by_the_narrowest_event() -> None:
    all_ends, troubles = hook("finished", "failed"), hook("failed", "recovered")
    bad, good, back = ended("failed"), ended("succeeded"), ended("succeeded")
    told = tellings([all_ends, troubles], [bad, good, back], {back.id: "failed"})
    assert {(one.hook, one.run): one.event for one in told} == {
        (all_ends.id, bad.id): "failed",
        (all_ends.id, good.id): "finished",
        (all_ends.id, back.id): "recovered",
        (troubles.id, bad.id): "failed",
        (troubles.id, back.id): "recovered",
    }
    assert len({one.id for one in told}) == len(told)
    assert told == tellings([all_ends, troubles], [bad, good, back], {back.id: "failed"})


def test_tries_come_ever_more_seldom_for_some_hours() -> None:
    pauses = [pause_after(tries) for tries in range(1, MOST_TRIES)]
    assert pauses[0] == timedelta(minutes=1) and pauses[-1] == timedelta(hours=1)
    assert all(one <= next for one, next in pairwise(pauses))
    assert timedelta(hours=3) < sum(pauses, timedelta()) < timedelta(hours=6)
    assert pause_after(10_000) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://example.org/told?key=1", ""),
        ("http://192.168.1.5:8123/api/webhook/x", ""),
        ("http://[fd00::1]:80/", ""),
        ("http://localhost", ""),
        ("ftp://example.org", "look like"),
        ("example.org/told", "look like"),
        ("http://", "look like"),
        ("http://kim:secret@example.org/", "password"),
        ("http://kim@example.org/", "password"),
        ("http://:@example.org/", "password"),
        ("http://example.org/#part", "#"),
        ("http://example.org/a b", "blanks"),
        ("http://example.org/\r\nX: y", "blanks"),
        ("http://example.org:99999/", "can't be read"),
        ("http://[::1/", "can't be read"),
    ],
)
def test_where_a_hook_may_lead(url: str, fault: str) -> None:
    found = fault_of(url)
    assert fault in found and bool(found) == bool(fault)


def test_nobody_outside_is_told_the_trace() -> None:
    run = Run(
        id=UUID(int=1), job="sync_plex", category="sync", state="finished", outcome="failed",
        error=Failure(code="down", message="Attic is down", trace="File secret.py"),
    )  # fmt: skip
    message = message_of(UUID(int=2), "home", "failed", run)
    told = msgspec.json.decode(msgspec.json.encode(message))
    assert told["type"] == "hook.v1" and told["run"]["error"] == {
        "code": "down",
        "message": "Attic is down",
        "trace": "",
    }
    assert b"secret" not in msgspec.json.encode(message)
