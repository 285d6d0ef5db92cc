"""What is told of entries that contradict each other."""

from __future__ import annotations

from typing import get_args

import pytest

from services.workers.maintenance.rules_consistency import LOOK, MEANING, changes, summary
from shared.directory.consistency import MENDABLE
from shared.directory.oddities import LOOKS
from shared.directory.oddityrecords import Oddity, OddityKind

MENDED = Oddity(kind="campaign_over", id="1", target="Summer")
LOOKED_AT = Oddity(kind="server_never_seen", id="2", target="Attic", detail="no answer")


def test_every_kind_is_looked_for_and_has_words_for_what_is_done() -> None:
    assert set(LOOKS) == set(MEANING) == set(get_args(OddityKind))
    assert {kind for kind, (action, _) in MEANING.items() if action != LOOK} == MENDABLE


def test_each_is_a_change_that_says_what_which_and_why() -> None:
    one, other = changes([MENDED, LOOKED_AT])
    assert (one.number, one.action, one.target) == (1, "end the campaign", "Summer")
    assert (other.number, other.action, other.target) == (2, LOOK, "Attic: no answer")
    assert one.why and other.why


@pytest.mark.parametrize(
    ("found", "mended", "rehearsed", "all", "expected"),
    [
        ([], 0, False, True, "nothing to do"),
        ([MENDED], 1, False, True, "1 oddity mended"),
        ([MENDED, MENDED], 0, True, True, "2 oddities would be mended"),
        ([MENDED, LOOKED_AT], 1, False, True, "1 oddity mended, 1 oddity to be looked at"),
        ([LOOKED_AT, LOOKED_AT], 0, False, True, "2 oddities to be looked at"),
        ([LOOKED_AT], 0, False, False, "1 oddity to be looked at, there are more: the next run goes on"),
    ],
)
def test_the_run_in_a_sentence(found: list[Oddity], mended: int, rehearsed: bool, all: bool, expected: str) -> None:
    assert summary(found, mended, MENDABLE, rehearsed=rehearsed, all=all) == expected
