"""Why a server did not start, told from its own words."""

from __future__ import annotations

LOUD = ("FATAL", "PANIC", "[FTL]", "[ERR]", "error:", "panic:", "nats-server:")
QUOTED = 3  # lines
LITTLE_SPACE = 32 * 1024 * 1024  # bytes: a server that fails with less has most likely failed for the lack of it

_SPACE = "the disk is full: free some space on it"
_OWNER = "give the folder back to the user who starts Showrunner, or choose another with --data DIR"

# What the servers write (PostgreSQL 18, nats-server 2.12 to 2.15), in small letters, and how to mend it.
REMEDIES = (
    ("no space left on device", _SPACE),
    ("wrote only", _SPACE),
    ("disk quota exceeded", "the disk quota is used up: free some space in it"),
    ("address already in use", "another program has the port: stop it, or choose another port"),
    ("could not look up effective user id", "your user has no entry in the user database (/etc/passwd): add one"),
    ("shared memory block", "an earlier PostgreSQL still runs in this folder: end it"),
    ("incompatible with server", "another version made this folder: use that version, or choose another folder"),
    ("read-only file system", "the file system is read-only: choose another folder with --data DIR"),
    ("permission denied", _OWNER),
    ("operation not permitted", _OWNER),
)


def explain(words: str, *, free: int) -> str:
    """The remedy, if the words hold a known symptom, and the lines that matter most; `free` bytes are left on the disk.

    A full disk keeps a server from saying that it is full, so the space left speaks for it.
    """
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    loud = [line for line in lines if any(mark in line for mark in LOUD)]
    quoted = " | ".join((loud or lines)[-QUOTED:]) or "nothing"
    remedies = [remedy for symptom, remedy in REMEDIES if symptom in words.lower()]
    if free < LITTLE_SPACE:
        remedies.append(_SPACE)
    return "; ".join([*remedies[:1], f"it said: {quoted}"])
