"""Templates become messages; and what is wrong with them is found when they are saved, not when they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal

from jinja2 import TemplateError
from msgspec import Struct, structs

from .language import compiled, faults
from .terms import Event, MailPolicy, Message, Values, Words
from .variables import made_up, values_for

LINE_ENDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What would end a header, or can't be in one."""
LONGEST_SUBJECT = 500
TRIAL_DAY = date(2026, 6, 1)

Part = Literal["subject", "text", "html"]


class TemplateFault(Struct, frozen=True, kw_only=True):
    """Something wrong in a part of a template: in which line (from 1), and how to mend it."""

    part: Part
    line: int
    message: str


class BadTemplate(Exception):
    """A template can't be used; `faults` says why, part by part."""

    def __init__(self, faults: tuple[TemplateFault, ...]) -> None:
        super().__init__("; ".join(f"{fault.part}, line {fault.line}: {fault.message}" for fault in faults))
        self.faults = faults


def rendered(words: Words, values: Values) -> Message:
    """Write a message. BadTemplate: the words were not checked, or nothing is left of the subject."""
    try:
        subject = compiled(words.subject, html=False).render(values)
        text = compiled(words.text, html=False).render(values)
        html = compiled(words.html, html=True).render(values)
    except (TemplateError, TypeError, ValueError) as error:
        raise BadTemplate(check(words) or (_fault("text", 1, str(error)),)) from error
    one_line = LINE_ENDS.sub(" ", subject).strip()[:LONGEST_SUBJECT]
    if not one_line:
        raise BadTemplate((_fault("subject", 1, "Nothing is left of the subject for this person"),))
    return Message(subject=one_line, text=text, html=html)


def check(words: Words, event: Event | None = None) -> tuple[TemplateFault, ...]:
    """All that is wrong with a template: syntax, unknown names, and what fails when it is tried.

    It is tried for somebody with a last day and, unless the event always has one, for somebody without; `event` None
    is for a campaign.
    """
    found = [_fault(part, fault.line, fault.message) for part, source in _parts(words) for fault in faults(source)]
    return tuple(found or _on_trial(words, event))


def checked(words: Words, event: Event | None = None) -> Words:
    """The same. BadTemplate: something is wrong with it."""
    if found := check(words, event):
        raise BadTemplate(found)
    return words


def _on_trial(words: Words, event: Event | None) -> Iterator[TemplateFault]:
    somebody = made_up(event, TRIAL_DAY)
    readers = [somebody]
    if event not in ("before_expiry", "expired", "after_expiry"):
        readers.append(structs.replace(somebody, name="Kim", plan="", expires_on=None, logins=()))
    for part, source in _parts(words):
        for reader in readers:
            values = values_for(reader, MailPolicy(), TRIAL_DAY, language="en")
            try:
                written = compiled(source, html=part == "html").render(values)
            except (TemplateError, TypeError, ValueError) as error:
                who = "for life" if reader.expires_on is None else "with a last day"
                yield _fault(part, 1, f"It fails for somebody {who}: {error}")
                break
            if part != "html" and not written.strip():
                yield _fault(part, 1, "Nothing is left of it for some people: it must never be empty")
                break


def _parts(words: Words) -> tuple[tuple[Part, str], ...]:
    return ("subject", words.subject), ("text", words.text), ("html", words.html)


def _fault(part: Part, line: int, message: str) -> TemplateFault:
    return TemplateFault(part=part, line=line, message=message)
