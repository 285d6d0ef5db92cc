"""The exit statuses that scripts can trust; docs/command-line.md tells them to people."""

from __future__ import annotations

DONE = 0
FAILED = 1  # refused, or done without success
USAGE = 2  # argparse's own
UNREACHABLE = 3  # Showrunner, or what it needs for this, does not answer
FORBIDDEN = 4  # not logged in, or not allowed
MISSING = 5  # what was named is not there
INTERRUPTED = 130  # by Ctrl-C, as shells say it: 128 and the signal's number
