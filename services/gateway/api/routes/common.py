"""Problems that several nouns have in common."""

from __future__ import annotations

from ..problems import Code

SCHEDULER: tuple[Code, ...] = ("scheduler_unreachable", "audit_unavailable")
READING: tuple[Code, ...] = ("database_unreachable",)
WRITING: tuple[Code, ...] = ("database_unreachable", "audit_unavailable")
