"""When administrators are told what of a job: tables, and a job that does as it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.alerts.ailments import JobState, ailment
from services.gateway.alerts.rules import judge
from services.workers.mail.alerting.rules import MOST_TRIES, not_taken, summary, words
from shared.contracts.feed import Run
from shared.contracts.ids import new_run
from shared.contracts.reports import Failure, Outcome
from shared.directory.alertrecords import Alert, AlertPolicy, OutgoingAlert, Told
from shared.outside.channels import without_secrets
from shared.runtime.secrets import Secret

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = AlertPolicy(calm_minutes=30, stuck_minutes=15)
CALM = timedelta(minutes=POLICY.calm_minutes)


def run(**given: Any) -> Run:
    return Run(**{"id": new_run(), "job": "sync_plex", "category": "sync", "state": "queued", **given})


def ended(outcome: Outcome, **given: Any) -> Run:
    return run(**{"state": "finished", "outcome": outcome, "finished_at": NOW, **given})


FAILED = ended("failed", error=Failure(code="unreachable", message="Attic does not answer."))
HELD = ended("held", summary="12 people would lose access")


def state(last: Run | None = None, active: Run | None = None, **given: Any) -> JobState:
    failed_at = last.finished_at if last and last.outcome == "failed" else None
    usual: dict[str, Any] = {"job": "sync_plex", "title": "Plex synchronization", "timeout_s": 3600.0}
    return JobState(last=last, active=active, **{**usual, "failed_at": failed_at, **given})


@pytest.mark.parametrize("outcome", ["succeeded", "skipped", "cancelled"])
def test_nothing_is_wrong_with_a_job_that_did_its_work_or_had_none(outcome: Outcome) -> None:
    assert ailment(state(ended(outcome)), NOW, POLICY) is None
    assert ailment(state(), NOW, POLICY) is None


def test_a_failed_run_is_told_with_its_reason_and_a_held_one_with_what_it_would_do() -> None:
    for last, kind, reason in ((FAILED, "failed", "Attic does not answer."), (HELD, "held", HELD.summary)):
        alert = judge(state(last), None, NOW, POLICY).alert
        assert alert is not None
        assert (alert.kind, alert.reason, alert.run) == (kind, reason, last.id)
        assert (alert.title, alert.key) == ("Plex synchronization", f"{kind}/sync_plex/{last.id}")


def test_a_long_reason_is_cut() -> None:
    found = ailment(state(ended("failed", summary="x" * 10_000)), NOW, POLICY)
    assert found is not None and len(found.reason) == 500 and found.reason.endswith("…")


@pytest.mark.parametrize(
    ("active", "stuck_after"),
    [
        (run(state="running", started_at=NOW), timedelta(hours=1, minutes=1)),
        (run(state="queued", fired_at=NOW), 15 * MINUTE),
        (run(state="retrying", fired_at=NOW - 90 * MINUTE, next_attempt_at=NOW), 15 * MINUTE),
    ],
    ids=lambda given: given.state if isinstance(given, Run) else "",
)
def test_a_run_is_stuck_when_it_is_late(active: Run, stuck_after: timedelta) -> None:
    assert ailment(state(active=active), NOW + stuck_after, POLICY) is None
    found = ailment(state(active=active), NOW + stuck_after + MINUTE, POLICY)
    assert found is not None and (found.kind, found.run) == ("stuck", active)
    assert "minutes" in found.reason and "{" not in found.reason


def told_of(last: Run, at: datetime = NOW) -> Told:
    told = judge(state(last), None, at, POLICY).told
    assert told is not None
    return told


def test_after_failed_nothing_more_is_told_until_it_was_well_for_the_calm_minutes() -> None:
    told = told_of(FAILED)
    again = judge(state(ended("failed")), told, NOW + 5 * MINUTE, POLICY)
    assert again.alert is None and again.told is not None and again.told.unwell_at == NOW + 5 * MINUTE
    well = state(ended("succeeded"))
    early = judge(well, again.told, NOW + 34 * MINUTE, POLICY)
    assert (early.alert, early.told) == (None, again.told)
    late = judge(well, again.told, NOW + 35 * MINUTE, POLICY)
    assert late.told is None and late.alert is not None
    assert (late.alert.kind, late.alert.key) == ("recovered", f"recovered/{told.key}")


def test_a_failure_between_two_looks_is_not_overlooked() -> None:
    told = told_of(FAILED)
    flapped = state(ended("succeeded"), failed_at=NOW + 20 * MINUTE)
    verdict = judge(flapped, told, NOW + 31 * MINUTE, POLICY)
    assert verdict.alert is None and verdict.told is not None and verdict.told.unwell_at == NOW + 20 * MINUTE


def test_a_run_that_waits_is_told_and_forgotten_without_a_word_when_it_was_approved() -> None:
    told = told_of(HELD)
    assert judge(state(HELD), told, NOW + 99 * MINUTE, POLICY).alert is None
    approved = judge(state(ended("succeeded")), told, NOW + MINUTE, POLICY)
    assert approved.alert is None and approved.told is not None and approved.told.over
    forgotten = judge(state(ended("succeeded")), approved.told, NOW + CALM, POLICY)
    assert (forgotten.alert, forgotten.told) == (None, None)


def test_another_run_that_waits_is_told_when_the_calm_minutes_have_passed() -> None:
    told = told_of(HELD)
    over = judge(state(ended("succeeded")), told, NOW + MINUTE, POLICY).told
    another = ended("held", summary="3 people would lose access")
    assert judge(state(another), over, NOW + 2 * MINUTE, POLICY).alert is None
    alert = judge(state(another), over, NOW + CALM, POLICY).alert
    assert alert is not None and (alert.kind, alert.run) == ("held", another.id)


def test_that_trouble_began_is_told_although_a_run_waits() -> None:
    verdict = judge(state(FAILED), told_of(HELD), NOW + MINUTE, POLICY)
    assert verdict.alert is not None and verdict.alert.kind == "failed"


def test_a_run_that_waits_is_told_after_the_trouble() -> None:
    told = told_of(FAILED)
    assert judge(state(HELD), told, NOW + MINUTE, POLICY).alert is None
    recovered = judge(state(HELD), told, NOW + CALM, POLICY)
    assert recovered.alert is not None and recovered.alert.kind == "recovered"
    alert = judge(state(HELD), recovered.told, NOW + CALM, POLICY).alert
    assert alert is not None and alert.kind == "held"


class Step(NamedTuple):
    """So many minutes later a run has ended so, or (None) has been begun and goes on."""

    after: int
    outcome: Outcome | None


def life(steps: list[Step]) -> list[Alert]:
    """All alerts of a job that lives so, looked at every minute, and long enough after."""
    told: Told | None = None
    alerts: list[Alert] = []
    now, last, active, failed_at = NOW, None, None, None
    for step in [*steps, Step(200, "succeeded"), Step(1, "succeeded")]:
        for _ in range(step.after):
            now += MINUTE
            verdict = judge(state(last, active, timeout_s=60.0, failed_at=failed_at), told, now, POLICY)
            told = verdict.told
            alerts += [verdict.alert] if verdict.alert else []
        if step.outcome is None:
            active = run(state="running", started_at=now)
        else:
            active, last = None, ended(step.outcome, finished_at=now)
            failed_at = now if step.outcome == "failed" else failed_at
    return alerts


STEPS = st.lists(
    st.builds(
        Step,
        after=st.integers(min_value=0, max_value=45),
        outcome=st.sampled_from(["succeeded", "failed", "held", "skipped", "cancelled", None]),
    ),
    max_size=25,
)


@given(STEPS)
def test_however_a_job_flaps_it_is_one_message_and_at_most_one_recovery(steps: list[Step]) -> None:
    alerts = life(steps)
    assert len({alert.key for alert in alerts}) == len(alerts), "each is told once"
    troubles = [alert for alert in alerts if alert.kind != "held"]
    assert [alert.kind == "recovered" for alert in troubles] == [bool(n % 2) for n in range(len(troubles))]
    for trouble, recovery in zip(troubles[::2], troubles[1::2], strict=False):
        assert recovery.at - trouble.at >= CALM
        assert not [alert for alert in alerts if trouble.at < alert.at < recovery.at], "it is quiet in between"
    held = [alert for alert in alerts if alert.kind == "held"]
    assert all(
        later.at - earlier.at >= CALM or any(earlier.at <= trouble.at <= later.at for trouble in troubles)
        for earlier, later in pairwise(held)
    )


@given(STEPS)
def test_a_job_that_has_been_in_trouble_is_told_of(steps: list[Step]) -> None:
    lasting = [step._replace(after=max(step.after, 1)) for step in steps]
    failed = any(step.outcome == "failed" for step in lasting)
    assert not failed or any(alert.kind in ("failed", "stuck") for alert in life(lasting))


def alert(**given: Any) -> Alert:
    usual: dict[str, Any] = {"key": "k", "kind": "failed", "job": "sync_plex", "title": "Plex synchronization"}
    return Alert(**{**usual, "run": FAILED.id, "reason": "Attic does not answer", "at": NOW, **given})


def test_an_alert_says_what_why_when_and_where_there_is_more() -> None:
    said = words(alert(), ZoneInfo("Europe/Paris"), "https://shows.example.org/")
    assert said.title == "Plex synchronization failed"
    assert said.text.splitlines() == [
        "Attic does not answer.",
        "2026-03-01 13:00 Europe/Paris",
        f"https://shows.example.org/admin/runs/{FAILED.id}",
    ]
    assert "http" not in words(alert(), ZoneInfo("UTC"), "").text


def test_an_alert_that_is_not_taken_is_tried_again_after_longer_and_longer_and_then_given_up() -> None:
    pauses = []
    for tries in range(1, MOST_TRIES):
        closing = not_taken(OutgoingAlert(id=new_run(), channel="ops", tries=tries, alert=alert()), "no", NOW)
        assert closing.state == "due" and closing.next_at is not None
        pauses.append((closing.next_at - NOW) // MINUTE)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    last = not_taken(OutgoingAlert(id=new_run(), channel="ops", tries=MOST_TRIES, alert=alert()), "no", NOW)
    assert (last.state, last.answer, last.next_at) == ("failed", "no", None)


def test_a_run_says_what_was_sent_and_which_channel_took_none() -> None:
    assert summary(2, {}) == "2 sent"
    assert summary(2, {"ops": "404", "home": "no"}) == "2 sent; home: no; ops: 404"
    assert summary(0, {"ops": "404"}) == "ops: 404"


def test_no_part_of_an_address_is_left_in_a_text() -> None:
    address = Secret("discord://Hook4711/to%20ken/?avatar=yes")
    assert without_secrets("POST hook4711/to ken: 404, of to%20ken", address) == "POST …/…: 404, of …"
