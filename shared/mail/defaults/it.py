"""The default templates in Italian."""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Draft, If, Moment

GREETING = "Ciao {{ firstname }},"

DRAFTS: Mapping[Moment, Draft] = {
    ("before_expiry", 30): Draft(
        "Il tuo accesso termina tra {{ days_left }} giorni",
        (
            "un piccolo promemoria: il tuo accesso a {{ brand_name }} dura ancora {{ days_left }} giorni. "
            "Scadenza: {{ expiration_date }}.",
            "Se vuoi continuare, c’è tutto il tempo: basta rispondere a questo messaggio.",
        ),
    ),
    ("before_expiry", 7): Draft(
        "Mancano {{ days_left }} giorni",
        (
            "il tuo accesso a {{ brand_name }} termina tra {{ days_left }} giorni. Scadenza: {{ expiration_date }}.",
            "Vuoi continuare? Rispondi a questo messaggio e per te non cambierà nulla.",
        ),
    ),
    ("before_expiry", 0): Draft(
        "Il tuo accesso termina oggi",
        (
            "oggi, {{ expiration_date }}, è l’ultimo giorno del tuo accesso a {{ brand_name }}.",
            "Puoi guardare tutto fino a stasera. Se vuoi continuare, rispondi oggi a questo messaggio.",
        ),
    ),
    ("expired", 0): Draft(
        "Il tuo abbonamento è scaduto",
        (
            "il tuo abbonamento a {{ brand_name }} è scaduto. Ultimo giorno: {{ expiration_date }}. "
            "Grazie per averci fatto compagnia!",
            "Puoi tornare quando vuoi: rispondi a questo messaggio e ritroverai tutto com’era.",
        ),
    ),
    ("after_expiry", 7): Draft(
        "Ti va di tornare?",
        (
            "sono passati {{ days_past }} giorni dalla fine del tuo abbonamento a {{ brand_name }}.",
            "Se ti manca, rispondi a questo messaggio: il tuo account è ancora lì.",
        ),
    ),
    ("pending_invitation", 3): Draft(
        "Il tuo invito ti aspetta",
        (
            "qualche giorno fa hai ricevuto un invito a {{ brand_name }}, ma non l’hai ancora accettato.",
            If(
                "server_url",
                "Basta un minuto: cerca l’invito nella tua posta oppure accedi su {{ server_url }}.",
            ),
            "Se qualcosa non funziona, rispondi a questo messaggio.",
        ),
    ),
    ("welcome", 0): Draft(
        "Ti diamo il benvenuto su {{ brand_name }}",
        (
            "che bello averti qui!",
            If("server_url", "Trovi tutto qui: {{ server_url }}"),
            If("login_username", "Il tuo nome utente è {{ login_username }}."),
            If("expiration_date", "Scadenza del tuo accesso: {{ expiration_date }}."),
            "Se hai domande, rispondi a questo messaggio. Buona visione!",
        ),
    ),
    ("subscription_changed", 0): Draft(
        "Il tuo abbonamento è cambiato",
        (
            "il tuo abbonamento a {{ brand_name }} è stato aggiornato.",
            If("subscription_name", "Ora hai il piano {{ subscription_name }}."),
            If("expiration_date", "Scadenza del tuo accesso: {{ expiration_date }}."),
            "Non devi fare nulla. Buona visione!",
        ),
    ),
    ("access_restored", 0): Draft(
        "Hai di nuovo accesso",
        (
            "buone notizie: puoi usare di nuovo {{ brand_name }}, proprio come prima.",
            If("expiration_date", "Scadenza del tuo accesso: {{ expiration_date }}."),
            "Potrebbe volerci qualche minuto prima di rivedere tutto. Che bello riaverti qui!",
        ),
    ),
}
