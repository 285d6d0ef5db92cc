"""The templates to begin with, in the five languages of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from shared.mail.terms import Event, TemplateBody

from . import de, en, es, fr, it
from .layout import words_of

LANGUAGES: Mapping[str, ModuleType] = {"en": en, "fr": fr, "de": de, "es": es, "it": it}

SWITCHED_OFF: frozenset[Event] = frozenset({"welcome", "subscription_changed", "after_expiry"})
"""These wait until somebody wants them: a hundred people brought in at once are a hundred first subscriptions."""


def default_templates() -> Iterator[TemplateBody]:
    """All of them."""
    for language, room in LANGUAGES.items():
        for (event, days), draft in room.DRAFTS.items():
            words = words_of(draft, language, room.GREETING)
            yield TemplateBody(
                event=event,
                days=days,
                language=language,
                subject=words.subject,
                text=words.text,
                html=words.html,
                enabled=event not in SWITCHED_OFF,
            )
