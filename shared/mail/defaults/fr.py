"""The default templates in French."""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Draft, If, Moment

GREETING = "Bonjour {{ firstname }},"

DRAFTS: Mapping[Moment, Draft] = {
    ("before_expiry", 30): Draft(
        "Votre accès prend fin dans {{ days_left }} jours",
        (
            "Un petit mot pour vous prévenir : votre accès à {{ brand_name }} est valable jusqu’au "
            "{{ expiration_date }}, soit encore {{ days_left }} jours.",
            "Si vous souhaitez continuer, vous avez tout le temps : il suffit de répondre à ce message.",
        ),
    ),
    ("before_expiry", 7): Draft(
        "Plus que {{ days_left }} jours",
        (
            "Votre accès à {{ brand_name }} prend fin dans {{ days_left }} jours, le {{ expiration_date }}.",
            "Vous voulez continuer à en profiter ? Répondez à ce message, et rien ne changera pour vous.",
        ),
    ),
    ("before_expiry", 0): Draft(
        "Votre accès prend fin aujourd’hui",
        (
            "C’est aujourd’hui, {{ expiration_date }}, le dernier jour de votre accès à {{ brand_name }}.",
            "Vous pouvez en profiter jusqu’à ce soir. Pour continuer, répondez à ce message dans la journée.",
        ),
    ),
    ("expired", 0): Draft(
        "Votre abonnement a pris fin",
        (
            "Votre abonnement à {{ brand_name }} a pris fin le {{ expiration_date }}. Merci d’avoir été des nôtres !",
            "Vous pouvez revenir quand vous voulez : répondez à ce message, et vous retrouverez tout comme avant.",
        ),
    ),
    ("after_expiry", 7): Draft(
        "Envie de revenir ?",
        (
            "Voilà {{ days_past }} jours que votre abonnement à {{ brand_name }} a pris fin.",
            "S’il vous manque, répondez à ce message : votre compte est toujours là.",
        ),
    ),
    ("pending_invitation", 3): Draft(
        "Votre invitation vous attend",
        (
            "Vous avez reçu il y a quelques jours une invitation à {{ brand_name }}, "
            "mais elle n’a pas encore été acceptée.",
            If(
                "server_url",
                "Cela ne prend qu’une minute : retrouvez l’invitation dans votre boîte de réception, "
                "ou connectez-vous sur {{ server_url }}.",
            ),
            "En cas de souci, répondez simplement à ce message.",
        ),
    ),
    ("welcome", 0): Draft(
        "Bienvenue sur {{ brand_name }}",
        (
            "Ravis de vous compter parmi nous !",
            If("server_url", "C’est ici que tout se passe : {{ server_url }}"),
            If("login_username", "Votre identifiant : {{ login_username }}"),
            If("expiration_date", "Votre accès est valable jusqu’au {{ expiration_date }}."),
            "Une question ? Répondez à ce message. Bon visionnage !",
        ),
    ),
    ("subscription_changed", 0): Draft(
        "Votre abonnement a été modifié",
        (
            "Votre abonnement à {{ brand_name }} a été mis à jour.",
            If("subscription_name", "Votre formule est désormais {{ subscription_name }}."),
            If("expiration_date", "Votre accès est valable jusqu’au {{ expiration_date }}."),
            "Vous n’avez rien à faire. Bon visionnage !",
        ),
    ),
    ("access_restored", 0): Draft(
        "Votre accès est rétabli",
        (
            "Bonne nouvelle : vous avez de nouveau accès à {{ brand_name }}, comme avant.",
            If("expiration_date", "Votre accès est valable jusqu’au {{ expiration_date }}."),
            "Il faudra peut-être quelques minutes avant que tout réapparaisse. Bon retour !",
        ),
    ),
}
