"""What is remembered of an installation when a file was applied, and read by the next apply. Pure."""

from __future__ import annotations

from .answers import AppliedState
from .comparison import Marks, marks
from .items import SECTIONS, Item
from .present import Present
from .states import present_state, undecided

Remembered = dict[str, dict[str, dict[str, str]]]


def remembered(present: Present) -> Remembered:
    """All that stands; of jobs those alone about which something was decided."""
    items: Remembered = {}
    state = present_state(present)
    for item, fields in marks(state).items():
        if item.section != "jobs" or state[item] != undecided(present.controls[item.name]):
            items.setdefault(item.section, {})[item.name] = dict(fields)
    return items


def applied_marks(present: Present) -> Marks | None:
    """What the last apply left, with the jobs about which nothing was decided; None if there was none."""
    applied: AppliedState | None = present.applied
    if applied is None:
        return None
    plain = marks({Item("jobs", name): undecided(view) for name, view in present.controls.items()})
    left = {
        Item(section, name): fields
        for section in SECTIONS
        for name, fields in applied.items.get(section, {}).items()
        # A job whose worker is gone was not changed by hand.
        if section != "jobs" or name in present.controls
    }
    return {**plain, **left}
