"""What a mail server answers: a code of three digits, and words (RFC 5321, section 4.2)."""

from __future__ import annotations

import re

from msgspec import Struct

LONGEST = 500  # characters that are kept of an answer's words
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")


class Answer(Struct, frozen=True, kw_only=True):
    """One answer, in the server's own words."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def good(self) -> bool:
        """It did what it was asked, or waits for the rest."""
        return 200 <= self.code < 400

    @property
    def passing(self) -> bool:
        """It did not, but may at another time: 4xx."""
        return 400 <= self.code < 500

    @property
    def enhanced(self) -> str:
        """The code with more to it that may begin the words, such as 5.1.1 (RFC 3463); "" if there is none."""
        found = ENHANCED.match(self.text)
        return found[0] if found else ""


def answer(code: int, text: str) -> Answer:
    """An answer on one line, fit to be shown and kept."""
    return Answer(code=code, text=UNPRINTABLE.sub(" ", text).strip()[:LONGEST])
