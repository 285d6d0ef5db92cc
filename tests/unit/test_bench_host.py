"""What counts as taken by the machine's host."""

from __future__ import annotations

import pytest

from tests.bench.host import stood_still


@pytest.mark.parametrize(
    ("before", "after", "stood"),
    [
        pytest.param((1, 70), (1, 70), True, id="one that it had and has"),
        pytest.param((1, 70), (3, 70), True, id="more was asked for meanwhile"),
        pytest.param((1, 70), (0, 71), False, id="it ended the only one"),
        pytest.param((1, 70), (1, 71), False, id="it ended one and got another"),
        pytest.param((0, 70), (0, 70), False, id="nothing to do"),
        pytest.param((0, 70), (1, 70), False, id="asked for at any time since"),
    ],
)
def test_a_disk_stood_still_if_it_had_requests_and_ended_none(
    before: tuple[int, int], after: tuple[int, int], stood: bool
) -> None:
    assert stood_still(before, after) is stood
