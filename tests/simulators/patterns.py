"""Path patterns: one grammar for routes, faults and counting."""

from __future__ import annotations

import re
from functools import lru_cache

_PIECE = re.compile(r"\{(?P<name>[a-z_]+)\}|(?P<many>\*\*)|(?P<one>\*)")


@lru_cache(maxsize=1024)
def compiled(pattern: str, *, ignore_case: bool = True) -> re.Pattern[str]:
    """The regular expression of `pattern`: `{name}` and `*` stand for one segment, `**` for any text.

    A trailing slash never matters, as on the servers that are simulated.
    """
    expression, position = "", 0
    for piece in _PIECE.finditer(pattern):
        expression += re.escape(pattern[position : piece.start()])
        if name := piece["name"]:
            expression += f"(?P<{name}>[^/]+)"
        else:
            expression += ".*" if piece["many"] else "[^/]+"
        position = piece.end()
    expression += re.escape(pattern[position:].rstrip("/"))
    return re.compile(expression + "/?", re.IGNORECASE if ignore_case else 0)


def matches(pattern: str, path: str) -> bool:
    """Whether the whole of `path` fits `pattern`, letter case aside."""
    return compiled(pattern).fullmatch(path) is not None
