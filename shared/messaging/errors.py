"""What can go wrong between us and NATS.

MessagingError
├── Unreachable   no answer in time, or no connection: whether it took effect is unknown
├── Conflict      the log has moved on: somebody else wrote to it first; nothing was written
├── Rejected      the server refused for another reason; nothing was written
│   └── Forbidden     our user may not do this
└── Untrusted     no connection, since it would not be safe: see the message for what to mend
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


class Forbidden(Rejected):
    """Our user may not publish to this subject; nothing was written."""


class Untrusted(MessagingError):
    """There can be no safe connection: a certificate can't be read, is not to be trusted, or the server has none."""
