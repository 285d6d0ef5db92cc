"""Names of the database's advisory locks that more than one service knows; each goes through `hashtext`."""

from __future__ import annotations

PROJECTOR = "showrunner projector"
"""Held by the connection of the one projector. Whoever puts another database in place holds it meanwhile, so that no
projector goes on from a position that the new one has not reached."""
