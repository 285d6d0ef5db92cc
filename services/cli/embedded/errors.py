"""What can go wrong with the servers that Showrunner runs itself.

    EmbeddedError
    ├── PlaceError          the data folder can't be used
    └── ServerError         a server did not start, or an earlier one does not stop

Every message says what is wrong and how to mend it.
"""

from __future__ import annotations


class EmbeddedError(Exception):
    """Something about the embedded servers, told so that a person can mend it."""


class PlaceError(EmbeddedError):
    """The data folder can't be used: not writable, or in use by another showrunner."""


class ServerError(EmbeddedError):
    """A server did not start, or one left from before does not stop."""
