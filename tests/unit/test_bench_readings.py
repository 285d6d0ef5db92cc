"""How several readings of a figure become one."""

from __future__ import annotations

from tests.bench.readings import Reading, by_figure, least_disturbed, medians, middle_and_ends, spread


def reading(figure: str, value: float, taken: float | None, peer: float | None = None) -> Reading:
    return Reading(figure=figure, value=value, unit="ms", peer_value=peer, taken=taken)


def test_rounds_are_chosen_by_what_the_host_took_whatever_was_measured_in_them() -> None:
    rounds = [
        [reading("lateness", 9.0, 0.001), reading("start", 4.0, 0.2)],
        [reading("lateness", 1.0, 0.030), reading("start", 5.0, 0.1)],
        [reading("lateness", 5.0, 0.002), reading("start", 6.0, 0.0)],
    ]
    lateness, start = least_disturbed(by_figure(rounds), 2)
    assert [found.value for found in lateness] == [9.0, 5.0]
    assert [found.value for found in start] == [6.0, 5.0]
    assert middle_and_ends(by_figure(rounds)) == {"lateness": (5.0, 1.0, 9.0), "start": (5.0, 4.0, 6.0)}


def test_all_rounds_count_when_as_many_are_asked_for() -> None:
    rounds = [[reading("lateness", value, value)] for value in (3.0, 1.0, 2.0)]
    assert sorted(found.value for found in least_disturbed(by_figure(rounds), 3)[0]) == [1.0, 2.0, 3.0]


def test_a_median_has_its_peers_median_and_what_the_host_took_beside_it() -> None:
    figures = [[reading("a", 1.0, 0.1, 10.0), reading("a", 3.0, 0.2, 30.0), reading("a", 2.0, 0.4, 20.0)]]
    (median,) = medians(figures)
    assert (median.value, median.peer_value, median.taken) == (2.0, 20.0, 0.2)
    assert spread(figures) == {"a": (1.0, 3.0)}


def test_a_figure_without_a_peer_stays_without_one() -> None:
    (median,) = medians([[reading("a", 1.0, None)]])
    assert (median.peer_value, median.taken) == (None, None)
