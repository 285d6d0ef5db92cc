"""The way to NATS, and the only code that knows its client library."""

from .append import BATCH_LIMIT, Entry, append, append_plain
from .bus import Bus, connect
from .doorstep import servers_in, trust
from .errors import Conflict, Forbidden, MessagingError, Rejected, Unreachable, Untrusted
from .follow import LAST_PER_SUBJECT, After, Since, Start, follow, last_sequence, read_all, read_present
from .message import Message
from .streams import NOTICES_DAYS, NOTICES_KEPT, Retention, declare
from .work import WorkQueue, provide_queue

__all__ = [
    "BATCH_LIMIT",
    "LAST_PER_SUBJECT",
    "NOTICES_DAYS",
    "NOTICES_KEPT",
    "After",
    "Bus",
    "Conflict",
    "Entry",
    "Forbidden",
    "Message",
    "MessagingError",
    "Rejected",
    "Retention",
    "Since",
    "Start",
    "Unreachable",
    "Untrusted",
    "WorkQueue",
    "append",
    "append_plain",
    "connect",
    "declare",
    "follow",
    "last_sequence",
    "provide_queue",
    "read_all",
    "read_present",
    "servers_in",
    "trust",
]
