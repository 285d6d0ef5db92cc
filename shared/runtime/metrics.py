"""What can be measured about a process, in Prometheus' text format.

    ticks = meter.counter("showrunner_ticks", "Ticks that were fired.", trigger="slot")
    ticks.add()
    meter.show("showrunner_jobs", "Jobs in the catalogue.", lambda: len(board.names()))

A counter or histogram is an object to be kept: counting is an addition, without a look-up and without a lock, so all of
it belongs to one event loop. (The library's own would take a tenth of what a short run takes altogether.)
Names follow prometheus.io/docs/practices/naming; the text of a counter adds `_total` to its name.
"""

from __future__ import annotations

import platform
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bounds, in seconds, of what takes milliseconds."""
LONG_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
"""Bounds, in seconds, of what may take hours."""
SIZES = (1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10000.0)

Look = Callable[[], float]
Member = TypeVar("Member")


class Counter:
    """Only ever grows, while the process lives."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, amount: float = 1.0) -> None:
        """So many more."""
        self.total += amount


class Histogram:
    """How often a value was at most each of the `bounds`, which ascend."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus has them: each bound with the count of all values up to it."""
        names = [*map(floatToGoString, self.bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self.counts)), strict=True))


class _Family(Generic[Member]):
    """All that goes by one name; `members` by the values of their labels."""

    def __init__(self, what: str, labels: tuple[str, ...]) -> None:
        self.what = what
        self.labels = labels
        self.members: dict[tuple[str, ...], Member] = {}


class Meter(Collector):
    """All figures of one process. What is asked for twice, by name and labels, is one and the same.

    ValueError: a name that goes by other labels already.
    """

    def __init__(self) -> None:
        self._counters: dict[str, _Family[Counter]] = {}
        self._histograms: dict[str, _Family[Histogram]] = {}
        self._shown: dict[tuple[str, bool], _Family[Look]] = {}
        self._each: dict[str, tuple[str, str, Callable[[], Mapping[str, float]]]] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self.show(
            "showrunner_build_info",
            "1; which version this is.",
            lambda: 1.0,
            version=_version(),
            python=platform.python_version(),
        )

    def counter(self, name: str, what: str, /, **labels: str) -> Counter:
        """A counter, to be kept."""
        members = _family(self._counters, name, what, labels).members
        return members.setdefault(tuple(labels.values()), Counter())

    def histogram(self, name: str, what: str, bounds: Sequence[float], /, **labels: str) -> Histogram:
        """A histogram, to be kept."""
        members = _family(self._histograms, name, what, labels).members
        return members.setdefault(tuple(labels.values()), Histogram(bounds))

    def show(self, name: str, what: str, look: Look, /, *, grows: bool = False, **labels: str) -> None:
        """Show a figure that is looked up whenever somebody asks; the newest way to look it up counts.

        One that `grows`, and never falls, is shown as a counter.
        """
        _family(self._shown, (name, grows), what, labels).members[tuple(labels.values())] = look

    def show_each(self, name: str, what: str, label: str, look: Callable[[], Mapping[str, float]]) -> None:
        """The same for a figure by the values of one label; what is not in the mapping is not known."""
        self._each[name] = what, label, look

    def text(self) -> bytes:
        """All figures as they are now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        for name, counters in self._counters.items():
            counted = CounterMetricFamily(name, counters.what, labels=counters.labels)
            for values, counter in counters.members.items():
                counted.add_metric(values, counter.total)
            yield counted
        for name, histograms in self._histograms.items():
            spread = HistogramMetricFamily(name, histograms.what, labels=histograms.labels)
            for values, histogram in histograms.members.items():
                spread.add_metric(values, histogram.buckets(), histogram.total)
            yield spread
        yield from self._looked_up()

    def _looked_up(self) -> Iterator[Metric]:
        for (name, grows), looks in self._shown.items():
            made = CounterMetricFamily if grows else GaugeMetricFamily
            shown = made(name, looks.what, labels=looks.labels)
            for values, look in looks.members.items():
                shown.add_metric(values, float(look()))
            yield shown
        for name, (what, label, look_at_all) in self._each.items():
            gauge = GaugeMetricFamily(name, what, labels=(label,))
            for value, figure in look_at_all().items():
                gauge.add_metric((value,), figure)
            yield gauge


Key = TypeVar("Key")


def _family(families: dict[Key, _Family[Member]], key: Key, what: str, labels: Mapping[str, str]) -> _Family[Member]:
    family = families.setdefault(key, _Family(what, tuple(labels)))
    if family.labels != tuple(labels):
        raise ValueError(f"{key} goes by the labels {family.labels}, not by {tuple(labels)}")
    return family


def _version() -> str:
    try:
        return version("showrunner")
    except PackageNotFoundError:
        return "unknown"
