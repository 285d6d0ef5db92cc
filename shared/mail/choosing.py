"""Which template fits best: by language first, for it must be understood, then by plan, then by product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from .terms import Event, MailTemplate, Product

LAST_RESORT = "en"
BOTH: frozenset[Product] = frozenset({"plex", "jellyfin"})


class Reader(NamedTuple):
    """All of a person that decides which template is theirs."""

    language: str
    products: frozenset[Product]
    plan_id: UUID | None


class Templates:
    """All templates, ready to find the best one of a kind quickly for many people."""

    def __init__(self, templates: Iterable[MailTemplate], default_language: str) -> None:
        self._by_moment: dict[tuple[Event, int], list[MailTemplate]] = {}
        for template in templates:
            self._by_moment.setdefault((template.event, template.days), []).append(template)
        self._default_language = default_language
        self._found: dict[tuple[Event, int, Reader], MailTemplate | None] = {}

    @property
    def moments(self) -> tuple[tuple[Event, int], ...]:
        """The events, with their days, that there is any template for."""
        return tuple(self._by_moment)

    def best(self, event: Event, days: int, reader: Reader) -> MailTemplate | None:
        """The template for this reader; None: there is none, or the one that fits best is switched off."""
        wanted = (event, days, reader)
        if wanted not in self._found:
            found = best(self._by_moment.get((event, days), ()), reader, self._default_language)
            self._found[wanted] = found if found and found.enabled else None
        return self._found[wanted]


def best(templates: Iterable[MailTemplate], reader: Reader, default_language: str) -> MailTemplate | None:
    """The one of these templates, all of one event and number of days, that fits best, switched on or not."""
    languages = languages_for(reader.language, default_language)
    fitting = [template for template in templates if template.language in languages and _is_for(template, reader)]
    return min(fitting, key=lambda template: _distance(template, reader, languages), default=None)


def languages_for(language: str, default_language: str) -> tuple[str, ...]:
    """The languages to look for, best first: `pt-BR` is understood by who reads `pt`."""
    wished = [tag for whole in (language, default_language) if whole for tag in (whole, whole.partition("-")[0])]
    return tuple(dict.fromkeys((*wished, LAST_RESORT)))


def _is_for(template: MailTemplate, reader: Reader) -> bool:
    return template.provider in (None, *reader.products) and template.plan_id in (None, reader.plan_id)


def _distance(template: MailTemplate, reader: Reader, languages: tuple[str, ...]) -> tuple[int, bool, int, str]:
    # What is written for one product alone is the second best for who has accounts on both.
    everywhere = reader.products >= BOTH
    product_distance = 0 if (template.provider is None) == everywhere else 1
    return (
        languages.index(template.language),
        template.plan_id is None,
        product_distance,
        template.provider or "",
    )
