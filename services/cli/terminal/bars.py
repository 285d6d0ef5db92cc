"""One line that shows how far something is."""

from __future__ import annotations

from .letters import clean, cut

LENGTH = 24


def bar(share: float | None, note: str, room: int) -> str:
    """The bar, the percentage and the note in at most `room` columns; no bar for a share that nobody knows."""
    if share is None:
        return cut(clean(note) or "running", room)
    filled = round(min(max(share, 0.0), 1.0) * LENGTH)
    return cut(f"{'█' * filled}{'░' * (LENGTH - filled)} {share:4.0%}  {clean(note)}".rstrip(), room)
