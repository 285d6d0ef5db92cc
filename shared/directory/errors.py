"""What can be wrong with a request to the directory.

DirectoryError
├── NoSuchServer       there is no server of this id
├── DuplicateServer    the same machine is there already, under another name or address
└── Doubtful           what was seen can hardly be true; what is known is kept
"""

from __future__ import annotations


class DirectoryError(Exception):
    """The directory can't do what it is asked; the message says why."""


class NoSuchServer(DirectoryError):
    """There is no server of this id (any more)."""


class DuplicateServer(DirectoryError):
    """A server of the same kind and identifier is there already."""


class Doubtful(DirectoryError):
    """What was seen of a server can hardly be true, so nothing was written."""
