"""What a run says of its messages while they go out."""

from __future__ import annotations

from collections import Counter
from time import monotonic
from uuid import UUID

from shared.contracts.reports import Level
from shared.directory.mailrecords import Closed, Closing, Outgoing, Waiting
from shared.mail.terms import DeliveryState

from ..door import RunContext
from . import wording

EVERY_S = 0.5
"""How often it is told how far a run has got: a report for each message would be more work than the message."""


class Telling:
    """Tells the plan at once, then each message as it is closed; and counts all that this run has closed.

    `earlier`: what former attempts of the run have closed, so that its changes keep their numbers.
    """

    def __init__(self, run: RunContext, earlier: Closed, waiting: Waiting) -> None:
        self._run = run
        planned = [*earlier.first, *waiting.first][: wording.MOST_CHANGES]
        self._numbers: dict[UUID, int] = {message.id: number for number, message in enumerate(planned, start=1)}
        self.counts: Counter[DeliveryState] = Counter(earlier.counts)
        self._closed, self._count = 0, waiting.count
        self._untold: list[tuple[int, DeliveryState, str]] = []
        self._newest = ""
        self._told_at = monotonic()
        if planned:
            run.plan(wording.changes(map(wording.of_delivery, planned)))
        if (count := self.counts.total() + waiting.count) > len(planned):
            run.log(f"The plan shows the first {len(planned)} of {count} messages", "warning")
        for message in earlier.first:
            self._note(message.id, message.state, message.answer)
        self.tell()

    def closed(self, outgoing: Outgoing, closing: Closing, state: DeliveryState) -> None:
        """That it is known what became of a message, and what it is now."""
        if state == "due":
            self._run.log(f"{outgoing.name}: {closing.answer}; it goes to the second address", "warning")
            return
        self.counts[state] += 1
        self._closed += 1
        self._newest = outgoing.name
        if state != "sent":
            level: Level = "warning" if state in ("deferred", "dropped") else "error"
            self._run.log(f"{outgoing.name} {state}: {closing.answer}", level)
        self._note(outgoing.id, state, closing.answer)
        if monotonic() - self._told_at > EVERY_S:
            self.tell()

    def tell(self) -> None:
        """Tell all that was not told yet."""
        untold, self._untold, self._told_at = self._untold, [], monotonic()
        for number, state, answer in untold:
            self._applied(number, state, answer)
        if self._closed:
            # What came to wait meanwhile makes more than there was to do.
            self._run.progress(self._closed / max(self._count, self._closed), self._newest)

    def _note(self, delivery_id: UUID, state: DeliveryState, answer: str) -> None:
        if (number := self._numbers.pop(delivery_id, None)) is not None:
            self._untold.append((number, state, answer))

    def _applied(self, number: int, state: DeliveryState, answer: str) -> None:
        match state:
            case "sent":
                self._run.applied(number)
            case "dropped":
                self._run.applied(number, "skipped", answer)
            case _:
                self._run.applied(number, "failed", f"{state}: {answer}")
