"""A message of a stream, and where it stands there."""

from __future__ import annotations


class Message:
    """A stream's message carries its place in `reply` (NATS ADR-15): deliveries, sequences, how many are to come.

    `status` holds the headers of what is no message, but a word of the server (its code is under `Status`).
    """

    __slots__ = ("data", "reply", "status", "subject")

    def __init__(self, subject: str, data: bytes, reply: str = "", status: dict[str, str] | None = None) -> None:
        self.subject = subject
        self.data = data
        self.reply = reply
        self.status = status

    def _place(self, index: int) -> int:
        tokens = self.reply.split(".")
        first = 4 if len(tokens) == 9 else 6
        return int(tokens[first + index])

    @property
    def deliveries(self) -> int:
        """How often this consumer has been given the message, this time included."""
        return self._place(0)

    @property
    def sequence(self) -> int:
        """Its sequence in the stream."""
        return self._place(1)

    @property
    def ordinal(self) -> int:
        """Its number among the deliveries of this consumer, from 1 without a gap."""
        return self._place(2)

    @property
    def written_ms(self) -> int:
        """When the stream took it: milliseconds since the Unix epoch."""
        return self._place(3) // 1_000_000

    @property
    def pending(self) -> int:
        """How many messages the consumer still had to deliver after it."""
        return self._place(4)
