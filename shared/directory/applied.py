"""What the last apply of a file left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

Items = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Section -> name -> field -> what stands for its value: the value in JSON, or a digest of it."""


class Applied(Struct, frozen=True, kw_only=True):
    """When somebody applied a file, and what stood then. Nothing but the next comparison reads `items`."""

    at: datetime
    by: str
    items: Items
