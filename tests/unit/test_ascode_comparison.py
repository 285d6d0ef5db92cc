"""As it was left, as it stands, as it is wanted: what is to be done, what drifted, and by which calls."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import msgspec
import pytest

from services.cli.ascode.answers import AppliedState, ControlView, LibraryView, PlanView, ServerView
from services.cli.ascode.checks import complaints
from services.cli.ascode.comparison import differences, drifts, mark, marked, marks
from services.cli.ascode.document import read_document
from services.cli.ascode.items import Item, State
from services.cli.ascode.portrait import exported
from services.cli.ascode.present import Present
from services.cli.ascode.remembering import applied_marks, remembered
from services.cli.ascode.states import present_state, wanted_state
from services.cli.ascode.steering import Step, steps
from services.cli.ascode.wishes import removals, with_tokens, without_decisions
from services.cli.command import UsageError
from shared.timing.quiet import Quiet

NOW = datetime(2030, 1, 31, 18, tzinfo=UTC)
A, B, JOB = Item("servers", "A"), Item("plans", "B"), Item("jobs", "j")
LONG = "x" * 500
USUAL: dict[str, Any] = {"enabled": True, "interval": None, "paused": False, "paused_until": None, "reason": "",
                         "quiet": {}}  # fmt: skip


def state(**values: Any) -> State:
    return {A: {"url": values.get("url", "u"), "text": values.get("text", LONG)}}


def test_what_is_as_wanted_is_left_alone() -> None:
    assert differences(state(), state(), marks(state()), remove=()) == []
    assert drifts(state(), state(), marks(state())) == []


def test_what_the_file_changed_and_what_somebody_did_by_hand_are_told_apart() -> None:
    applied = marks(state())
    (changed,) = differences(state(), state(url="new"), applied, remove=())
    assert [(field.name, field.before, field.after, field.drifted) for field in changed.fields] == [
        ("url", "u", "new", False)
    ]
    assert drifts(state(), state(url="new"), applied) == []

    (put_back,) = differences(state(url="hand", text="hand"), state(), applied, remove=())
    assert all(field.drifted for field in put_back.fields)
    (drift,) = drifts(state(url="hand", text="hand"), state(), applied)
    assert drift.asked and [(field.before, field.after) for field in drift.fields] == [("u", "hand"), ("…", "hand")]


def test_what_somebody_did_and_the_file_wants_too_is_no_matter() -> None:
    assert drifts(state(url="new"), state(url="new"), marks(state())) == []


def test_what_came_and_went_by_hand_is_told_even_if_the_file_is_silent() -> None:
    (came,) = drifts(state(), {}, {})
    (went,) = drifts({}, {}, marks(state()))
    assert (came.action, came.asked, went.action, went.asked) == ("add", False, "remove", False)


def test_things_are_added_before_they_are_named_and_removed_after() -> None:
    wanted: State = {JOB: USUAL, B: {"days": 1}, A: {"url": "u"}}
    assert [found.item for found in differences({}, wanted, None, remove=())] == [A, B, JOB]
    gone = [A, B, Item("templates", "t")]
    assert [found.item for found in differences({}, {}, None, remove=gone)] == [gone[2], B, A]


def test_a_shoko_server_is_added_before_the_servers_that_name_it() -> None:
    attic, shoko = Item("servers", "Attic"), Item("servers", "Shoko")
    wanted: State = {attic: {"url": "u", "shoko": "Shoko"}, shoko: {"url": "u", "shoko": ""}}
    assert [found.item for found in differences({}, wanted, None, remove=())] == [shoko, attic]


def test_the_shoko_server_behind_a_server_is_exported_by_its_name() -> None:
    servers = {
        "Attic": ServerView(id="1", kind="jellyfin", name="Attic", url="u", shoko_id="2"),
        "Shoko": ServerView(id="2", kind="shoko", name="Shoko", url="u"),
    }
    here = msgspec.structs.replace(present(), servers=servers, libraries=[], plans={})
    text = exported(here)
    assert 'shoko = "Shoko"' in text
    document = read(text)
    assert complaints(document, here, {}) == []
    assert differences(present_state(here), wanted_state(document, here, NOW), None, remove=()) == []


def test_marks_keep_what_is_short_and_a_digest_of_the_rest() -> None:
    assert marked(mark(["a", 1, None])) == ["a", 1, None]
    assert len(mark(LONG)) < 80 and mark(LONG) != mark(LONG + "x") and mark({"b": 1, "a": 2}) == mark({"a": 2, "b": 1})


@pytest.mark.parametrize(("before", "after"), list(product(
    [USUAL, {**USUAL, "enabled": False, "reason": "old"}, {**USUAL, "paused": True, "reason": "old"},
     {**USUAL, "enabled": False, "paused": True, "paused_until": "2090", "reason": "old", "interval": "5m",
      "quiet": {"hours": "01:00-06:00"}}],
    repeat=2,
)))  # fmt: skip
def test_the_calls_lead_from_any_control_to_any_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    calls = steps(before, after)
    assert obeyed(before, calls) == after
    assert calls == [] or before != after


def test_a_pause_that_has_ended_and_a_default_said_aloud_are_nothing() -> None:
    text = "[jobs.j]\nenabled = true\npaused = true\npaused_until = 2030-01-31T18:00:00Z\nreason = 'x'\n"
    assert wanted_state(read(text), present(), NOW) == {JOB: USUAL}
    same = wanted_state(read('[jobs.j]\ninterval = "60s"\n'), present(), NOW)[JOB]
    assert same["interval"] == "1m"


def test_what_is_exported_wants_what_is_there() -> None:
    night = Quiet(nobody_streaming=True, hours="22:00-05:30")
    until = datetime(2031, 1, 1, tzinfo=UTC)
    here = present(interval="5m", paused=True, paused_until=until, reason="why", quiet=night)
    document = read(exported(here))
    wanted = wanted_state(document, here, NOW)
    stands = present_state(here)
    assert wanted == {item: stands[item] for item in wanted} and wanted.keys() == stands.keys()
    assert complaints(document, here, {}) == []
    assert "token_env" in document.text


def test_a_title_that_means_two_libraries_is_refused_both_ways() -> None:
    twice = msgspec.structs.replace(
        present(), libraries=[LibraryView(id=id, server_id="1", title="Films") for id in ("l", "m")]
    )
    with pytest.raises(UsageError, match="several libraries called Films"):
        exported(twice)
    (said,) = complaints(read("[plans.B.libraries]\nA = ['Films']\n"), twice, {})
    assert said.path == ("plans", "B", "libraries", "A") and "several" in said.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[jobs.none]", "no worker has announced"),
        ('[jobs.j]\ninterval = "1s"', "too short"),
        ("[jobs.j]\nquiet.nobody_streaming = true", "does not wait"),
        ("[servers.A]\nkind = 'jellyfin'\nurl = 'u'", "which can't be changed"),
        ("[servers.J]\nkind = 'jellyfin'\nurl = 'u'\nshoko = 'S'", "no server called S"),
        ("[servers.J]\nkind = 'jellyfin'\nurl = 'u'\nshoko = 'A'", "A is a plex server"),
        ("[plans.P.libraries]\nC = ['x']", "no server called C"),
        ("[plans.P.libraries]\nA = ['Filmz']", "no library called Filmz"),
        ("[settings.alerts]", "has no such settings"),
        ("[[templates]]\nevent='welcome'\nlanguage='en'\nplan='P'\nsubject='s'\ntext='t'", "no plan called P"),
    ],
)
def test_what_does_not_fit_this_installation(text: str, said: str) -> None:
    (found,) = complaints(read(text), present(), {})
    assert said in found.text


def test_only_sections_that_the_file_has_are_pruned() -> None:
    here = present(enabled=False)
    assert removals(read("[jobs]"), here) == [] and list(without_decisions(read("[jobs]"), here)) == [JOB]
    assert removals(read("[plans]\n[servers]"), here) == [A, B] and without_decisions(read("[plans]"), here) == {}
    assert without_decisions(read("[jobs.j]"), here) == {}


def test_tokens_are_sent_anew_only_if_asked() -> None:
    text = "[servers.A]\nkind = 'plex'\nurl = 'u'\ntoken_env = 'T'\n"
    document = read(text)
    assert differences(present_state(present()), wanted_state(document, present(), NOW), None, remove=()) == []
    (anew,) = with_tokens([], document, present())
    assert anew.item == A and [(field.name, field.after) for field in anew.fields] == [("token", "T")]


def test_what_an_apply_left_is_read_by_the_next() -> None:
    assert applied_marks(present()) is None
    left = present(reason="r", enabled=False)
    kept = msgspec.structs.replace(left, applied=AppliedState(at=NOW, by="kim", items=remembered(left)))
    known = applied_marks(kept)
    assert known == marks(present_state(left))
    assert "jobs" not in remembered(present())
    (drift,) = drifts(present_state(present()), {}, known)
    assert drift.item == JOB and {field.name for field in drift.fields} == {"enabled", "reason"}


def read(text: str) -> Any:
    return read_document("f.toml", text.encode())


def present(**control: Any) -> Present:
    """A server with a library, a plan, and a job with this control."""
    view = {"job": "j", "enabled": True, "enabled_by_default": True, "paused": False, "minimum_ms": 5000, **control}
    return Present(
        controls={"j": ControlView(**view)},
        servers={"A": ServerView(id="1", kind="plex", name="A", url="u")},
        libraries=[LibraryView(id="l", server_id="1", title="Films")],
        plans={"B": PlanView(id="p", name="B", days=30, libraries=("l", "gone"))},
        templates={},
        settings={},
    )


def obeyed(control: dict[str, Any], calls: list[Step]) -> dict[str, Any]:
    """A control after these calls, as the scheduler decides."""
    for _, path, body in calls:
        match path:
            case "resume":
                control = {**control, "paused": False, "paused_until": None, "reason": ""}
            case "enable":
                control = {**control, "enabled": True, "reason": ""}
            case "pause":
                control = {**control, "paused": True, "paused_until": body["until"], "reason": body["reason"]}
            case "disable":
                control = {**control, "enabled": False, "reason": body["reason"]}
            case "schedule":
                control = {**control, "interval": body.get("interval")}
            case "quiet":
                control = {**control, "quiet": body}
    return control
