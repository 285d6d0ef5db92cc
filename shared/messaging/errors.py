"""What can go wrong between us and NATS.

MessagingError
├── Unreachable   no answer in time, or no connection: whether it took effect is unknown
├── Conflict      the log has moved on: somebody else wrote to it first; nothing was written
└── Rejected      the server refused for another reason; nothing was written
"""

from __future__ import annotations


class MessagingError(Exception):
    """The root of all errors of this package."""


class Unreachable(MessagingError):
    """No answer in time, or no connection. Whether the request took effect is unknown."""


class Conflict(MessagingError):
    """Somebody else wrote to the same subjects first; nothing was written."""


class Rejected(MessagingError):
    """The server refused, and said why; nothing was written."""
