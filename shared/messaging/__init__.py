"""The way to NATS, and the only code that knows its client library."""

from .append import BATCH_LIMIT, Entry, append, append_plain
from .bus import Bus, connect
from .errors import Conflict, MessagingError, Rejected, Unreachable
from .follow import LAST_PER_SUBJECT, After, Since, Start, follow, last_sequence, read_all
from .message import Message
from .streams import NOTICES_DAYS, NOTICES_KEPT, Retention, declare
from .work import WorkQueue

__all__ = [
    "BATCH_LIMIT",
    "LAST_PER_SUBJECT",
    "NOTICES_DAYS",
    "NOTICES_KEPT",
    "After",
    "Bus",
    "Conflict",
    "Entry",
    "Message",
    "MessagingError",
    "Rejected",
    "Retention",
    "Since",
    "Start",
    "Unreachable",
    "WorkQueue",
    "append",
    "append_plain",
    "connect",
    "declare",
    "follow",
    "last_sequence",
    "read_all",
]
