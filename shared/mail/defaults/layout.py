"""The shape that all default templates share: a greeting, paragraphs, and who it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from shared.mail.terms import Event, Words

Moment = tuple[Event, int]
"""An event, and the days before or after it."""

HEAD = """\
<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin: 0; padding: 24px; background: #f4f5f7; color: #1f2430; \
font: 16px/1.55 -apple-system, 'Segoe UI', Roboto, sans-serif">
<div style="max-width: 520px; margin: 0 auto; padding: 28px 32px; background: #ffffff; border-radius: 12px">
"""
FOOT = """\
<p style="margin: 28px 0 0; color: #667085">{{ brand_name }}</p>
</div>
</body>
</html>
"""


class If(Struct, frozen=True):
    """A paragraph that is there only if a variable is not empty."""

    variable: str
    words: str


Paragraph = str | If

# Between a French word and its mark, where no line may end.
FRENCH_SPACE = re.compile(r" (?=[:;!?])")


class Draft(Struct, frozen=True):
    """What a default template says. A paragraph is plain words with variables: no HTML."""

    subject: str
    paragraphs: Sequence[Paragraph]


def words_of(draft: Draft, language: str, greeting: str) -> Words:
    """The draft as text and as HTML."""
    said: list[Paragraph] = [greeting, *draft.paragraphs]
    text = "".join(_only_if(one, f"{_plain(one, language)}\n\n") for one in said) + "{{ brand_name }}\n"
    paragraphs = (_only_if(one, f'<p style="margin: 0 0 16px">{_plain(one, language)}</p>\n') for one in said)
    html = HEAD.replace("{language}", language) + "".join(paragraphs) + FOOT
    return Words(subject=_plain(draft.subject, language), text=text, html=html)


def _plain(paragraph: Paragraph, language: str) -> str:
    words = paragraph if isinstance(paragraph, str) else paragraph.words
    return FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", words) if language == "fr" else words


def _only_if(paragraph: Paragraph, written: str) -> str:
    return written if isinstance(paragraph, str) else f"{{% if {paragraph.variable} %}}{written}{{% endif %}}"
