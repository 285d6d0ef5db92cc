"""How often somebody may come."""

from __future__ import annotations

from collections import OrderedDict

MOST_KEYS = 20_000


class Pace:
    """Lets each key through `at_once` times, and from then on once every `every_s` seconds.

    It is the generic cell rate algorithm (ITU-T I.371): of each key it keeps the moment from which it is at rest. Those
    that came longest ago are forgotten first when there are too many. Times are seconds of a steady clock.
    """

    def __init__(self, *, at_once: int, every_s: float, most_keys: int = MOST_KEYS) -> None:
        self._spare_s = every_s * (at_once - 1)
        self._every_s = every_s
        self._most_keys = most_keys
        self._at_rest: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Somebody with this key comes: how many seconds too early; 0 lets them through, and counts."""
        at_rest = max(self._at_rest.pop(key, now), now)
        early = max(0.0, at_rest - self._spare_s - now)
        self._at_rest[key] = at_rest if early else at_rest + self._every_s
        while len(self._at_rest) > self._most_keys:
            self._at_rest.popitem(last=False)
        return early
