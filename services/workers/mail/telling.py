"""What a run says of its messages while they go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from shared.contracts.reports import Level
from shared.directory.mailrecords import Closing, Delivery, Outgoing, Waiting
from shared.mail.terms import DeliveryState

from ..door import RunContext
from . import wording

FINE = frozenset({"sent", "due"})


class Telling:
    """Tells the plan at once, then each message as it is closed; and counts all that this run has closed.

    `earlier`: what former attempts of the run have closed, in order, so that its changes keep their numbers.
    """

    def __init__(self, run: RunContext, earlier: Sequence[Delivery], waiting: Waiting) -> None:
        self._run = run
        planned = [*earlier, *waiting.first][: wording.MOST_CHANGES]
        self._numbers: dict[UUID, int] = {message.id: number for number, message in enumerate(planned, start=1)}
        self.counts: Counter[DeliveryState] = Counter(message.state for message in earlier)
        self._closed, self._count = 0, waiting.count
        if planned:
            run.plan(wording.changes(map(wording.of_delivery, planned)))
        if (count := len(earlier) + waiting.count) > len(planned):
            run.log(f"The plan shows the first {len(planned)} of {count} messages", "warning")
        for message in earlier:
            self._applied(message.id, message.state, message.answer)

    def closed(self, outgoing: Outgoing, closing: Closing, state: DeliveryState) -> None:
        """That it is known what became of a message, and what it is now."""
        if state == "due":
            self._run.log(f"{outgoing.name}: {closing.answer}; it goes to the second address", "warning")
            return
        self.counts[state] += 1
        self._closed += 1
        # What came to wait meanwhile makes more than there was to do.
        self._run.progress(self._closed / max(self._count, self._closed), outgoing.name)
        if state not in FINE:
            level: Level = "warning" if state in ("deferred", "dropped") else "error"
            self._run.log(f"{outgoing.name} {state}: {closing.answer}", level)
        self._applied(outgoing.id, state, closing.answer)

    def _applied(self, delivery_id: UUID, state: DeliveryState, answer: str) -> None:
        number = self._numbers.pop(delivery_id, None)
        if number is None:
            return
        match state:
            case "sent":
                self._run.applied(number)
            case "dropped":
                self._run.applied(number, "skipped", answer)
            case _:
                self._run.applied(number, "failed", f"{state}: {answer}")
