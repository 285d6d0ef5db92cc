"""The browser of the tests and of the screenshots."""

from __future__ import annotations

import shutil

NAMES = ("chromium-headless-shell", "chromium", "google-chrome")  # without windows it takes half the processor
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""Where the machine's own browser is; None where it has none."""

# Root has no sandbox to offer, and what a browser does behind its pages would look for servers outside.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
