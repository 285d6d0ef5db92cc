"""How a client tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[float, str], None]
"""Takes the share of the work that is done (0 to 1), and what is being done now."""
