"""What may be said of a person: one rule for the API's calls and for tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST: Mapping[str, int] = {"name": 200, "email": 254, "second_email": 254, "language": 35, "notes": 10_000}
"""Characters. An address has at most 254 (RFC 3696, erratum 1690), a language tag 35 (RFC 5646, 4.4.1)."""

LAST_YEAR = 2999
"""Up to here a subscription may have a last day; so that days can be added to it for long."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def fault(field: str, value: str) -> str:
    """What is wrong with a person's `field`; empty if nothing is. All but the name may be empty."""
    if "\0" in value:
        return f"`{field}` has a character in it that can't be kept"
    if len(value) > LONGEST[field]:
        return f"`{field}` is longer than {LONGEST[field]} characters"
    if field == "name" and not value.strip():
        return "`name` is empty"
    if field in {"email", "second_email"} and value and not _EMAIL.fullmatch(value):
        return f"`{field}` is no e-mail address: write one, such as mara@example.org"
    if field == "language" and value and not _LANGUAGE.fullmatch(value):
        return "`language` is no language: write a tag such as de or pt-BR"
    return ""


def check(values: Mapping[str, str | None]) -> None:
    """Raises ValueError for the first of these fields that can't be used; None is passed over."""
    for field, value in values.items():
        if value is not None and (wrong := fault(field, value)):
            raise ValueError(wrong)
