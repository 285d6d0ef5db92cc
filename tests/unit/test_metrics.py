"""Counting by our own means, and the text that Prometheus reads."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.projector.progress import Lag
from shared.runtime.metrics import QUICK_S, Histogram, Meter
from tests.support.installations import figures_in

NONE: frozenset[tuple[str, str]] = frozenset()


def test_a_counter_that_is_asked_for_twice_is_one() -> None:
    meter = Meter()
    meter.counter("ticks", "Ticks.", trigger="slot").add()
    meter.counter("ticks", "Ticks.", trigger="slot").add(2)
    meter.counter("ticks", "Ticks.", trigger="manual")
    figures = figures_in(meter.text().decode())
    assert figures["ticks_total", frozenset({("trigger", "slot")})] == 3
    assert figures["ticks_total", frozenset({("trigger", "manual")})] == 0


def test_a_name_keeps_its_labels() -> None:
    meter = Meter()
    meter.counter("ticks", "Ticks.", trigger="slot")
    with pytest.raises(ValueError, match=r"goes by the labels \('trigger',\), not by \('why',\)"):
        meter.counter("ticks", "Ticks.", why="paused")


def test_figures_are_looked_up_when_somebody_asks() -> None:
    meter, queue, sent = Meter(), {"mail": 1.0}, [0]
    meter.show("open", "Open.", lambda: len(queue))
    meter.show("sent", "Sent.", lambda: sent[0], grows=True)
    meter.show_each("waiting", "Waiting.", "category", lambda: queue)
    queue["sync"], sent[0] = 4.0, 7
    figures = figures_in(meter.text().decode())
    assert (figures["open", NONE], figures["sent_total", NONE]) == (2, 7)
    assert figures["waiting", frozenset({("category", "sync")})] == 4


def test_what_is_odd_in_a_label_is_told_as_it_is() -> None:
    meter = Meter()
    meter.counter("calls", "Calls.", server='Kim\'s "Attic" \\ \n two').add()
    assert ("calls_total", frozenset({("server", 'Kim\'s "Attic" \\ \n two')})) in figures_in(meter.text().decode())


@given(st.lists(st.floats(0, 10)))
def test_a_histogram_counts_what_is_at_most_each_bound(values: list[float]) -> None:
    histogram = Histogram(QUICK_S)
    for value in values:
        histogram.observe(value)
    counted = [count for _, count in histogram.buckets()]
    assert counted == [sum(value <= bound for value in values) for bound in QUICK_S] + [len(values)]
    assert histogram.total == pytest.approx(sum(values))
    assert len(histogram.counts) == bisect_left(QUICK_S, 10.0) + 1


def test_what_waits_has_waited_since_it_was_first_seen() -> None:
    lag = Lag()
    lag.read(10)
    lag.looked(100.0, 10)
    assert (lag.messages, lag.seconds(101.0)) == (0, 0.0)
    lag.looked(102.0, 15)
    lag.looked(104.0, 20)
    lag.looked(106.0, 20)
    assert (lag.messages, lag.seconds(110.0)) == (10, 8.0)
    lag.read(15)
    assert (lag.messages, lag.seconds(110.0)) == (5, 6.0)
    lag.read(20)
    assert (lag.messages, lag.seconds(110.0)) == (0, 0.0)


def test_a_stream_that_was_made_anew_is_counted_anew() -> None:
    lag = Lag()
    lag.looked(100.0, 50)
    lag.read(0)
    lag.looked(200.0, 2)
    assert (lag.messages, lag.seconds(203.0)) == (2, 3.0)
