"""What a file wants beyond what it says: `--prune` removes what it does not name, `--tokens` sends tokens. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .comparison import Difference, FieldChange, ordered
from .document import Document
from .items import SECTIONS, Item, State
from .present import Present
from .states import undecided


def removals(document: Document, present: Present) -> list[Item]:
    """What is there and not named, in the sections that the file has. Settings and jobs are not removed."""
    there = {"servers": present.servers, "plans": present.plans, "templates": present.templates}
    named = {"servers": document.servers, "plans": document.plans, "templates": document.templates}
    return [
        Item(section, name)
        for section in SECTIONS
        if section in document.sections and section in there
        for name in there[section].keys() - named[section].keys()
    ]


def without_decisions(document: Document, present: Present) -> State:
    """The jobs that the file does not name, as their specs have them."""
    if "jobs" not in document.sections:
        return {}
    return {Item("jobs", name): undecided(view) for name, view in present.controls.items() if name not in document.jobs}


def with_tokens(found: Sequence[Difference], document: Document, present: Present) -> list[Difference]:
    """The differences, and that each server which is there gets its token anew."""
    plain = {difference.item: difference for difference in found}
    for name in document.servers.keys() & present.servers.keys():
        entry, item = document.servers[name], Item("servers", name)
        field = FieldChange(name="token", before=None, after=entry.token_env or entry.token_file)
        fields = plain[item].fields if item in plain else ()
        plain[item] = Difference(item=item, action="change", fields=(*fields, field))
    return ordered(plain.values())
