"""A message to one person, from the words that were chosen for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape

from msgspec import structs

from .choosing import languages_for
from .rendering import rendered
from .terms import MailPerson, MailPolicy, Message, Product, Words
from .variables import values_for

# Said under a campaign that does not say it itself: whoever gets it must find the way out.
WAY_OUT: Mapping[str, str] = {
    "en": "You don't want these messages? Unsubscribe:",
    "fr": "Vous ne souhaitez plus recevoir ces messages ? Désabonnez-vous :",
    "de": "Du möchtest diese Nachrichten nicht mehr? Hier abmelden:",
    "es": "¿Ya no quieres recibir estos mensajes? Date de baja:",
    "it": "Non vuoi più ricevere questi messaggi? Annulla l'iscrizione:",
}


def composed(
    words: Words,
    person: MailPerson,
    policy: MailPolicy,
    today: date,
    *,
    language: str,
    product: Product | None = None,
    unsubscribe_url: str = "",
) -> Message:
    """What the person is sent. `unsubscribe_url`: of a campaign; it is added if the words have no place for it.

    BadTemplate: the words can't be used for this person.
    """
    values = values_for(person, policy, today, language=language, product=product, unsubscribe_url=unsubscribe_url)
    message = rendered(words, values)
    return _with_way_out(message, language, unsubscribe_url) if unsubscribe_url else message


def _with_way_out(message: Message, language: str, url: str) -> Message:
    said = next(WAY_OUT[tag] for tag in languages_for(language, "en") if tag in WAY_OUT)
    text, html = message.text, message.html
    if url not in text:
        text = f"{text.rstrip()}\n\n--\n{said} {url}\n"
    if html and escape(url) not in html:
        footer = (
            f'<p style="font-size: 13px; color: #667085">{escape(said)} <a href="{escape(url)}">{escape(url)}</a></p>'
        )
        before, body_end, after = html.rpartition("</body>")
        html = f"{before}{footer}{body_end}{after}" if body_end else html + footer
    return structs.replace(message, text=text, html=html)
