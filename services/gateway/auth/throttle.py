"""Slowing down those who guess passwords."""

from __future__ import annotations

from collections import OrderedDict

FREE_TRIES = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
MOST_KEYS = 20_000


class Throttle:
    """Counts failed tries a key (an address, an account). After the free ones, each doubles the wait for the next.

    Keys that failed longest ago are forgotten first when there are too many. Times are seconds of a steady clock.
    """

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._most_keys = most_keys
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, keys: tuple[str, ...], now: float) -> float:
        """How many seconds are left until somebody with these keys may try again; 0 when they may."""
        return max(0.0, *(self._wait(key, now) for key in keys))

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        """A try with these keys failed."""
        for key in keys:
            count, _ = self._failures.pop(key, (0, now))
            self._failures[key] = (count + 1, now)
        while len(self._failures) > self._most_keys:
            self._failures.popitem(last=False)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """A try with these keys succeeded: they start anew."""
        for key in keys:
            self._failures.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        count, last = self._failures.get(key, (0, now))
        if count < FREE_TRIES:
            return 0.0
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(count - FREE_TRIES, 30))
        return last + wait - now
