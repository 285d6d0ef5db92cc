"""What the page to unsubscribe says, in the five languages."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from shared.mail.choosing import languages_for


class Words(Struct, frozen=True, kw_only=True):
    """`ask`, `done` and `button` are shown in turn; in them {brand} is the name that mail is sent under."""

    language: str
    title: str
    ask: str
    button: str
    done_title: str
    done: str
    stays: str
    broken_title: str
    broken: str
    later_title: str
    later: str


ENGLISH = Words(
    language="en",
    title="Unsubscribe?",
    ask="You will get no more news from {brand} by e-mail.",
    button="Unsubscribe",
    done_title="You are unsubscribed",
    done="{brand} will send you no more news.",
    stays="Messages about your own access, such as when it ends, will still come.",
    broken_title="This link does not work",
    broken="Part of it may be missing: open it straight from the message, or copy all of it.",
    later_title="Not just now",
    later="This could not be done. Please try again in a few minutes.",
)
FRENCH = Words(
    language="fr",
    title="Se désabonner ?",
    ask="Vous ne recevrez plus d’actualités de {brand} par e-mail.",
    button="Se désabonner",
    done_title="Vous êtes désabonné",
    done="{brand} ne vous enverra plus d’actualités.",
    stays="Vous recevrez toujours les messages sur votre propre accès, par exemple quand il prend fin.",
    broken_title="Ce lien ne fonctionne pas",
    broken="Il en manque peut-être une partie : ouvrez-le directement depuis le message, ou copiez-le en entier.",
    later_title="Pas pour le moment",
    later="Cela n’a pas pu être fait. Réessayez dans quelques minutes.",
)
GERMAN = Words(
    language="de",
    title="Abmelden?",
    ask="Du bekommst dann keine Neuigkeiten von {brand} mehr per E-Mail.",
    button="Abmelden",
    done_title="Du bist abgemeldet",
    done="{brand} schickt dir keine Neuigkeiten mehr.",
    stays="Nachrichten zu deinem eigenen Zugang, etwa wann er endet, kommen weiterhin.",
    broken_title="Dieser Link funktioniert nicht",
    broken="Vielleicht fehlt ein Teil: Öffne ihn direkt aus der Nachricht, oder kopiere ihn ganz.",
    later_title="Gerade geht es nicht",
    later="Das hat nicht geklappt. Bitte versuche es in ein paar Minuten noch einmal.",
)
SPANISH = Words(
    language="es",
    title="¿Darte de baja?",
    ask="Ya no recibirás novedades de {brand} por correo electrónico.",
    button="Darme de baja",
    done_title="Te has dado de baja",
    done="{brand} ya no te enviará novedades.",
    stays="Los mensajes sobre tu propio acceso, por ejemplo cuándo termina, seguirán llegando.",
    broken_title="Este enlace no funciona",
    broken="Puede que le falte una parte: ábrelo directamente desde el mensaje o cópialo entero.",
    later_title="Ahora mismo no",
    later="No se ha podido hacer. Inténtalo de nuevo dentro de unos minutos.",
)
ITALIAN = Words(
    language="it",
    title="Annullare l’iscrizione?",
    ask="Non riceverai più novità da {brand} via e-mail.",
    button="Annulla l’iscrizione",
    done_title="Iscrizione annullata",
    done="{brand} non ti invierà più novità.",
    stays="I messaggi sul tuo accesso, ad esempio quando scade, continueranno ad arrivare.",
    broken_title="Questo link non funziona",
    broken="Forse ne manca una parte: aprilo direttamente dal messaggio, oppure copialo per intero.",
    later_title="Al momento non è possibile",
    later="L’operazione non è riuscita. Riprova tra qualche minuto.",
)

WORDS: Mapping[str, Words] = {words.language: words for words in (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN)}


def words_for(language: str, default: str = "") -> Words:
    """The words for who reads `language`; else in the language `default`, else in English."""
    return next((WORDS[tag] for tag in languages_for(language, default) if tag in WORDS), ENGLISH)
