"""The board: what it knows, what it shows, and what changed since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.board import Board, History
from services.gateway.board.shapes import Job, RecentRun, Status
from services.gateway.events import changes, position, sequence_of, snapshot
from shared.contracts.controls import Control
from shared.contracts.feed import Leader, Run
from shared.contracts.ids import new_run
from shared.contracts.reports import Failure
from shared.contracts.specs import Calendar, Interval, Need, Schedule, Spec

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = Interval(every_ms=60_000)


def spec(name: str = "tidy", schedule: Schedule = MINUTE, **given: Any) -> Spec:
    return Spec(name=name, title="Tidy", description="Tidies.", category="maintenance", schedule=schedule, **given)


def board(*names: str) -> Board:
    made = Board("b0", "UTC")
    made.load({})
    for name in names or ("tidy",):
        made.apply_spec(name, spec(name))
    return made


def run(job: str = "tidy", **given: Any) -> Run:
    usual: dict[str, Any] = {"id": new_run(), "category": "maintenance", "state": "queued", "trigger": "slot"}
    return Run(job=job, **usual | given)


def finished(number: int, outcome: str = "succeeded", **given: Any) -> Run:
    started = NOW + timedelta(seconds=number)
    times: dict[str, Any] = {"started_at": started, "finished_at": started + timedelta(milliseconds=250)}
    return run(number=number, state="finished", outcome=outcome, **times | given)


def shown(board: Board, name: str = "tidy", now: datetime = NOW) -> Job:
    entry = board.find(name)
    assert entry is not None
    return msgspec.json.decode(board.view(entry, now), type=Job)


def changed(board: Board, since: int) -> list[str]:
    return [entry.name for entry in board.changed_since(since)]


def test_a_job_shows_its_next_run_and_a_new_one_when_that_has_passed() -> None:
    known = board()
    assert shown(known).next_run_at == datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
    assert shown(known, now=NOW + timedelta(seconds=30)).next_run_at == datetime(2026, 3, 1, 12, 2, tzinfo=UTC)


def test_a_view_is_kept_while_nothing_changes() -> None:
    known = board()
    entry = known.find("tidy")
    assert entry is not None
    assert known.view(entry, NOW) is known.view(entry, NOW + timedelta(seconds=29))


def test_the_most_urgent_status_is_shown() -> None:
    known = board()
    queued = run()
    statuses: list[Status] = [shown(known).status]
    steps: list[Any] = [
        lambda: known.apply_runs([finished(1, "failed", error=Failure(code="x", message="broken"))]),
        lambda: known.apply_control("tidy", Control(job="tidy", paused=True), 1),
        lambda: known.apply_runs([queued]),
        lambda: known.apply_runs([msgspec.structs.replace(queued, state="running", started_at=NOW)]),
        lambda: known.apply_control("tidy", Control(job="tidy", paused=True, enabled=False), 2),
    ]
    for step in steps:
        step()
        statuses.append(shown(known).status)
    assert statuses == ["idle", "error", "paused", "queued", "running", "disabled"]


def test_a_pause_ends_by_itself_and_that_is_a_change() -> None:
    known = board()
    until = NOW + timedelta(seconds=10)
    known.apply_control("tidy", Control(job="tidy", paused=True, paused_until=until, reason="guests"), 1)
    assert shown(known).status == "paused" and shown(known).reason == "guests"
    assert shown(known, now=until).status == "idle" and shown(known, now=until).reason == ""
    seen = known.sequence
    known.look_at_clock(NOW, nats=True, database=True)
    assert "tidy" not in changed(known, seen)
    known.look_at_clock(until, nats=True, database=True)
    assert "tidy" in changed(known, seen)


def test_an_older_control_changes_nothing() -> None:
    known = board()
    known.apply_control("tidy", Control(job="tidy", enabled=False), 7)
    known.apply_control("tidy", Control(job="tidy", enabled=True), 6)
    assert shown(known).status == "disabled"


def test_an_interval_override_is_the_schedule() -> None:
    known = board()
    known.apply_control("tidy", Control(job="tidy", interval=Interval(every_ms=3_600_000)), 1)
    job = shown(known)
    assert (job.schedule.value, job.schedule.words, job.schedule.overridden) == ("1h", "Every hour", True)
    assert job.next_run_at == datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


def test_skipped_slots_are_passed_over() -> None:
    known = board()
    known.apply_control("tidy", Control(job="tidy", skip_until=NOW + timedelta(seconds=30)), 1)
    assert shown(known).next_run_at == datetime(2026, 3, 1, 12, 2, tzinfo=UTC)


def test_a_schedule_that_cannot_be_used_says_so() -> None:
    known = Board("b0", "UTC")
    known.apply_spec("odd", spec("odd", Calendar(expression="61 * * * *")))
    job = shown(known, "odd")
    assert job.next_run_at is None and job.schedule.words.startswith("Not usable")


def test_needs_are_shown_as_far_as_they_can_be_told() -> None:
    known = Board("b0", "UTC")
    known.apply_spec("tidy", spec(needs=(Need(what="a Plex server", hint="Add one."), Need(what="luck", hint="Hope."))))
    known.apply_needs({"a Plex server": True})
    assert [need.met for need in shown(known).needs] == [True, None]


def test_finished_runs_are_counted_once_however_often_they_are_told() -> None:
    known = board()
    first, second = finished(1), finished(2, "failed", error=Failure(code="x", message="broken", trace="secret path"))
    known.apply_runs([first, second, first, second])
    job = shown(known)
    assert job.run_count == job.run_count_since_start == 2
    assert [recent.outcome for recent in job.recent] == ["succeeded", "failed"]
    assert job.last_run is not None and job.last_run.id == second.id
    assert job.last_error is not None and job.last_error.message == "broken"


@given(st.permutations(range(1, 41)))
def test_the_order_of_the_telling_does_not_matter_within_reach(order: list[int]) -> None:
    known = board()
    for number in sorted(order, key=lambda number: (number // 8, order.index(number))):
        known.apply_runs([finished(number)])
    job = shown(known)
    assert job.run_count == 40 and len(job.recent) == 30
    assert job.last_run is not None and job.last_run.started_at == NOW + timedelta(seconds=40)


def test_what_postgres_tells_is_where_counting_starts() -> None:
    known = Board("b0", "UTC")
    known.apply_spec("tidy", spec())
    last = finished(900)
    history = History(recent=(RecentRun(900, "succeeded", 250),), last=last, active=(run(state="running"),))
    known.load({"tidy": history})
    assert (shown(known).run_count, shown(known).run_count_since_start, shown(known).status) == (900, 0, "running")
    known.apply_runs([last, finished(901)])
    assert (shown(known).run_count, shown(known).run_count_since_start, len(shown(known).recent)) == (901, 1, 2)
    known.load({"tidy": History(last=finished(905))})
    assert (shown(known).run_count, shown(known).run_count_since_start, shown(known).status) == (905, 5, "idle")


def test_the_eta_follows_from_the_runs_before() -> None:
    known = board()
    known.apply_runs([finished(1, started_at=NOW, finished_at=NOW + timedelta(seconds=20))])
    known.apply_runs([run(state="running", started_at=NOW, progress=0.25, note="half of half")])
    running = shown(known).running
    assert running is not None and running.eta == NOW + timedelta(seconds=20) and running.progress == 0.25


def test_changes_are_told_newest_first_and_each_job_once() -> None:
    known = board("a", "b", "c")
    seen = known.sequence
    known.apply_runs([run("a"), run("b"), run("a")])
    assert changed(known, seen) == ["a", "b"]
    assert changed(known, known.sequence) == []
    assert set(changed(known, 0)) == {"a", "b", "c"}


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.integers(min_value=0, max_value=30))
def test_whoever_comes_back_misses_nothing(touched: list[str], left_after: int) -> None:
    known = board("a", "b", "c", "d")
    since = known.sequence
    for number, job in enumerate(touched):
        if number == left_after:
            since = known.sequence
        known.apply_runs([run(job)])
    assert set(changed(known, since)) == set(touched[left_after if left_after < len(touched) else 0 :])


def test_a_job_that_left_the_catalogue_is_gone() -> None:
    known = board("a", "b")
    seen = known.sequence
    known.apply_spec("a", None)
    assert known.find("a") is None and known.names() == ["b"]
    assert b"event: removed" in changes(known, seen, NOW)


def test_a_leader_is_missed_after_its_silence_and_only_that_is_a_change() -> None:
    known = board()
    assert known.scheduler().state == "unreachable"
    known.apply_leader(Leader(scheduler="s1", since=NOW, heartbeat_at=NOW), NOW)
    known.look_at_clock(NOW, nats=True, database=True)
    assert known.scheduler().state == "leading" and known.scheduler().leader == "s1"
    seen = known.sequence
    later = NOW + timedelta(seconds=2)
    known.apply_leader(Leader(scheduler="s1", since=NOW, heartbeat_at=later), later)
    known.look_at_clock(later, nats=True, database=True)
    assert not known.scheduler_changed_since(seen) and known.scheduler().heartbeat_at == later
    known.look_at_clock(later + timedelta(seconds=4), nats=True, database=True)
    assert known.scheduler_changed_since(seen) and known.scheduler().state == "absent"
    known.look_at_clock(later, nats=False, database=False)
    assert known.scheduler().state == "unreachable" and "database" in known.scheduler().detail


def test_a_leader_may_be_silent_for_as_long_as_its_lease() -> None:
    for lease_s, state in ((1.5, "absent"), (15, "leading")):
        known = Board("b0", "UTC", timedelta(seconds=lease_s))
        known.apply_leader(Leader(scheduler="s", since=NOW, heartbeat_at=NOW), NOW)
        known.look_at_clock(NOW + timedelta(seconds=10), nats=True, database=True)
        assert known.scheduler().state == state


def test_events_hold_the_newest_run_without_its_trace_and_an_id_at_the_end() -> None:
    known = board()
    seen = known.sequence
    known.apply_runs([run(), finished(1, "failed", error=Failure(code="x", message="broken", trace="at line 7"))])
    text = changes(known, seen, NOW).decode()
    assert text.count("event: run") == text.count("event: job") == text.count("\nid: ") == 1
    assert '"outcome":"failed"' in text and "at line 7" not in text
    assert text.rindex("event: job") < text.index(f"id: {position(known)}")
    assert changes(known, known.sequence, NOW) == b""


def test_a_position_of_another_board_is_not_understood() -> None:
    known = board()
    assert sequence_of(position(known), known) == known.sequence
    for other in ("", "b0", "b0-", "b1-1", "b0-99999", "b0-x", "b0--1"):
        assert sequence_of(other, known) is None
    assert snapshot(known, NOW).startswith(b"event: snapshot\nid: b0-")
