"""Dates as people write them, in the languages that templates come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    ),
    "it": (
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
        "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
    ),
}  # fmt: skip


def written(day: date, language: str) -> str:
    """The day in this language, as "1 July 2026"; in another language than ours, as ISO 8601 has it."""
    tongue = language.partition("-")[0]
    if tongue not in MONTHS:
        return day.isoformat()
    month = MONTHS[tongue][day.month - 1]
    match tongue:
        case "de":
            return f"{day.day}. {month} {day.year}"
        case "es":
            return f"{day.day} de {month} de {day.year}"
        case "fr" if day.day == 1:
            return f"1er {month} {day.year}"
        case "it" if day.day == 1:
            return f"1º {month} {day.year}"
        case _:
            return f"{day.day} {month} {day.year}"
