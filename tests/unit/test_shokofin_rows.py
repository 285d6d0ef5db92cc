"""What a run of Shokofin's is told as, and what counts of its earlier attempts."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import structs

from services.workers.shokofin import specs, wording
from services.workers.shokofin.rows import numbered, still_open, still_true
from services.workers.shokofin.wording import Story
from shared.catalogue.faults import faults_of
from shared.contracts.specs import Spec
from shared.directory.effects import LedgerRow

RUN, HERE, THERE = UUID(int=1), UUID(int=2), UUID(int=3)
KINDS = {"merge": "merged", "split": "split"}


def rows(count: int, **given: object) -> list[LedgerRow]:
    """Rows of one run."""
    row = LedgerRow(key="", run=RUN, job="merge_movies", number=0, kind="merge", target="Saga on Attic", server_id=HERE)
    return numbered([structs.replace(row, **given)] * count, 1)


def test_a_run_is_told_in_a_sentence() -> None:
    done, failed = rows(12, state="done"), rows(1, state="failed", detail="it refused")
    assert wording.summary(Story(), KINDS) == "nothing to do"
    assert wording.summary(Story(rows=done), KINDS) == "12 merged"
    assert wording.summary(Story(rows=[*done, *failed]), KINDS) == "12 merged, 1 failed (Saga on Attic: it refused)"
    assert wording.summary(Story(rows=rows(2), rehearsed=True), KINDS) == "2 changes planned"
    assert wording.summary(Story(rows=rows(1)), KINDS) == "1 change not reached"
    told = wording.summary(Story(rows=done, failures=["Cellar is away"], warnings=["Mind this", "Mind this"]), KINDS)
    assert told == "12 merged; 1 failed (Cellar is away). Mind this"


def test_a_plan_of_the_largest_changes_still_fits_into_a_message() -> None:
    image = {"name": "S" * 500, "members": {f"{number:032x}": "T" * 500 for number in range(5000)}}
    changes = [wording.change(row, KINDS) for row in rows(wording.MOST_CHANGES, before=[image], after=[image])]
    assert changes[0].before[0]["members"]["…"] == "and 4994 more"
    assert changes[0].before[0]["name"] == "S" * wording.MOST_LETTERS + "…"
    assert changes[0].action == "merged"
    assert len(msgspec.json.encode(changes)) < 4_000_000


def test_what_failed_in_an_earlier_attempt_counts_until_it_is_planned_anew() -> None:
    earlier = [*rows(1, state="done"), *rows(1, state="failed"), *rows(1, state="failed", server_id=THERE)]
    assert still_true(earlier, {HERE}) == [earlier[0], earlier[2]]
    assert still_open([*earlier, *rows(1, state="claimed"), *rows(1)]) == [*rows(1, state="claimed"), *rows(1)]


def test_a_row_keeps_the_key_that_it_has() -> None:
    (row,) = numbered([structs.replace(rows(1)[0], key="kept")], 7)
    assert (row.key, row.number) == ("kept", 7)
    assert rows(2)[1].key == f"{RUN}:2"


def test_the_twelve_can_stand_and_only_what_is_harmless_runs_by_itself() -> None:
    twelve = [spec for spec in vars(specs).values() if isinstance(spec, Spec)]
    assert len(twelve) == 12
    assert {spec.name for spec in twelve if spec.enabled and not spec.paused} == {"check_shoko_version"}
    assert [faults_of(spec) for spec in twelve] == [[]] * 12
    assert {spec.name for spec in twelve if not spec.advanced} == {
        "export_user_data", "import_user_data", "sync_user_data", "migrate_user_data",
    }  # fmt: skip
