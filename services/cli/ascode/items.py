"""What a file can decide about, as values: items by section and name, each with fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from .writing import key

Section = Literal["settings", "servers", "plans", "templates", "jobs"]

SECTIONS: tuple[Section, ...] = ("settings", "servers", "plans", "templates", "jobs")
"""In the order in which they are applied: a limit holds before the plans that it limits, and a sync is disabled only
after the libraries that plans name were looked for."""

Values = Mapping[str, Any]
"""All fields of an item, each as JSON would have it: two items are alike if these are equal."""


class Item(NamedTuple):
    """One thing that can be decided about; a template's name is what it is for."""

    section: Section
    name: str

    def __str__(self) -> str:
        return f"{self.section}.{key(self.name)}"


State = Mapping[Item, Values]
"""An installation as it stands, or as it is wanted."""
