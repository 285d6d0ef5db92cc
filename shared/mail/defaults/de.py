"""The default templates in German."""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Draft, If, Moment

GREETING = "Hallo {{ firstname }},"

DRAFTS: Mapping[Moment, Draft] = {
    ("before_expiry", 30): Draft(
        "Dein Zugang endet in {{ days_left }} Tagen",
        (
            "nur zur Erinnerung: Dein Zugang zu {{ brand_name }} läuft bis zum {{ expiration_date }}, "
            "also noch {{ days_left }} Tage.",
            "Wenn du dabeibleiben möchtest, hast du noch reichlich Zeit. Antworte einfach auf diese Nachricht.",
        ),
    ),
    ("before_expiry", 7): Draft(
        "Noch {{ days_left }} Tage",
        (
            "dein Zugang zu {{ brand_name }} endet in {{ days_left }} Tagen, am {{ expiration_date }}.",
            "Möchtest du weiterschauen? Dann antworte auf diese Nachricht, und für dich ändert sich nichts.",
        ),
    ),
    ("before_expiry", 0): Draft(
        "Dein Zugang endet heute",
        (
            "heute, am {{ expiration_date }}, ist der letzte Tag deines Zugangs zu {{ brand_name }}.",
            "Bis heute Abend kannst du noch schauen. Wenn du dabeibleiben möchtest, antworte noch heute auf diese "
            "Nachricht.",
        ),
    ),
    ("expired", 0): Draft(
        "Dein Abo ist abgelaufen",
        (
            "dein Abo für {{ brand_name }} ist am {{ expiration_date }} abgelaufen. Schön, dass du dabei warst!",
            "Du bist jederzeit wieder willkommen: Antworte auf diese Nachricht, und alles ist wieder wie vorher.",
        ),
    ),
    ("after_expiry", 7): Draft(
        "Kommst du wieder?",
        (
            "dein Abo für {{ brand_name }} ist seit {{ days_past }} Tagen abgelaufen.",
            "Falls es dir fehlt, antworte auf diese Nachricht: Dein Konto gibt es noch.",
        ),
    ),
    ("pending_invitation", 3): Draft(
        "Deine Einladung wartet noch",
        (
            "vor ein paar Tagen hast du eine Einladung zu {{ brand_name }} bekommen, sie aber noch nicht angenommen.",
            If(
                "server_url",
                "Es dauert nur eine Minute: Such die Einladung in deinem Postfach, oder melde dich auf "
                "{{ server_url }} an.",
            ),
            "Falls etwas nicht klappt, antworte einfach auf diese Nachricht.",
        ),
    ),
    ("welcome", 0): Draft(
        "Willkommen bei {{ brand_name }}",
        (
            "schön, dass du da bist!",
            If("server_url", "Hier geht es los: {{ server_url }}"),
            If("login_username", "Dein Benutzername ist {{ login_username }}."),
            If("expiration_date", "Dein Zugang läuft bis zum {{ expiration_date }}."),
            "Wenn du Fragen hast, antworte auf diese Nachricht. Viel Spaß beim Schauen!",
        ),
    ),
    ("subscription_changed", 0): Draft(
        "Dein Abo hat sich geändert",
        (
            "dein Abo für {{ brand_name }} wurde aktualisiert.",
            If("subscription_name", "Du hast jetzt das Abo {{ subscription_name }}."),
            If("expiration_date", "Dein Zugang läuft bis zum {{ expiration_date }}."),
            "Du musst nichts weiter tun. Viel Spaß beim Schauen!",
        ),
    ),
    ("access_restored", 0): Draft(
        "Dein Zugang ist wieder da",
        (
            "gute Nachricht: Du kannst {{ brand_name }} wieder nutzen, genau wie vorher.",
            If("expiration_date", "Dein Zugang läuft bis zum {{ expiration_date }}."),
            "Es kann ein paar Minuten dauern, bis du wieder alles siehst. Willkommen zurück!",
        ),
    ),
}
