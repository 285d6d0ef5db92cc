"""Differences told to a person: as the changes of a plan, and as one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from shared.contracts.reports import Change
from shared.directory.comparison import Action, Difference, Subject
from shared.directory.records import Server

MOST_CHANGES = 5_000
"""A plan travels in one message, and a person reads it."""

PLURALS: dict[Subject, str] = {"server": "servers", "library": "libraries", "account": "accounts"}
ORDER: tuple[Subject, ...] = ("server", "library", "account", "access")
ACTIONS: tuple[Action, ...] = ("added", "returned", "renamed", "changed", "removed")


class Story(Struct, frozen=True, kw_only=True):
    """What became of each server of a run."""

    differences: Sequence[Difference] = ()
    done: int = 0
    resting: Sequence[str] = ()
    failures: Sequence[str] = ()


def changes(found: Iterable[tuple[Server, Difference]]) -> list[Change]:
    """One change a difference, numbered from 1; no more than `MOST_CHANGES`."""
    told = []
    for number, (server, difference) in enumerate(found, start=1):
        if number > MOST_CHANGES:
            break
        told.append(
            Change(
                number=number,
                action=f"{difference.subject} {difference.action}",
                target=difference.name if difference.subject == "server" else f"{difference.name} on {server.name}",
                why=f"seen on {server.name}",
                before=difference.before,
                after=difference.after,
            )
        )
    return told


def counted(number: int, one: str, many: str) -> str:
    """ "1 library", "2 libraries"."""
    return f"{number} {one if number == 1 else many}"


def summary(story: Story) -> str:
    """The run in a sentence: "3 servers: 2 libraries added, 1 account removed", or "nothing to do"."""
    parts = []
    if story.done:
        what = _differences(story.differences)
        calm = not (story.differences or story.resting or story.failures)
        parts.append("nothing to do" if calm else f"{counted(story.done, 'server', 'servers')}: {what}")
    if story.resting:
        parts.append(f"{len(story.resting)} skipped ({'; '.join(story.resting)})")
    if story.failures:
        parts.append(f"{len(story.failures)} failed ({'; '.join(story.failures)})")
    return "; ".join(parts)


def _differences(differences: Iterable[Difference]) -> str:
    counts = Counter((difference.subject, difference.action) for difference in differences)
    told = [
        _told(subject, action, counts[subject, action])
        for subject in ORDER
        for action in ACTIONS
        if counts[subject, action]
    ]
    return ", ".join(told) or "nothing to do"


def _told(subject: Subject, action: Action, number: int) -> str:
    if subject == "access":
        return f"access of {counted(number, 'account', 'accounts')} {action}"
    return f"{counted(number, subject, PLURALS[subject])} {action}"
