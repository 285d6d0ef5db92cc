"""The consumers from which workers take ticks: made here, since a locked-down worker may make none."""

from __future__ import annotations

import time

from shared.messaging import Bus, provide_queue

# Somebody may have deleted one meanwhile; a worker that misses it announces its jobs again.
_SURE_S = 30.0


class Queues:
    """One for each category of which a spec was heard. A run whose worker is silent for `ack_wait_s` goes elsewhere."""

    def __init__(self, bus: Bus, ack_wait_s: float) -> None:
        self._bus = bus
        self._ack_wait_s = ack_wait_s
        self._seen: dict[str, float] = {}

    async def provide(self, category: str) -> None:
        """Make sure that the category has its consumer. Raises `MessagingError`."""
        now = time.monotonic()
        if now - self._seen.get(category, -_SURE_S) >= _SURE_S:
            await provide_queue(self._bus, category, self._ack_wait_s)
            self._seen[category] = now
