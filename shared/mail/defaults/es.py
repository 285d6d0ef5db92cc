"""The default templates in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Draft, If, Moment

GREETING = "Hola, {{ firstname }}:"

DRAFTS: Mapping[Moment, Draft] = {
    ("before_expiry", 30): Draft(
        "Tu acceso termina en {{ days_left }} días",
        (
            "Un aviso con tiempo: tienes acceso a {{ brand_name }} hasta el {{ expiration_date }}. "
            "Te quedan {{ days_left }} días.",
            "Si quieres seguir, hay tiempo de sobra: solo tienes que responder a este mensaje.",
        ),
    ),
    ("before_expiry", 7): Draft(
        "Te quedan {{ days_left }} días",
        (
            "Tu acceso a {{ brand_name }} termina en {{ days_left }} días, el {{ expiration_date }}.",
            "¿Quieres seguir disfrutándolo? Responde a este mensaje y todo seguirá igual.",
        ),
    ),
    ("before_expiry", 0): Draft(
        "Tu acceso termina hoy",
        (
            "Hoy, {{ expiration_date }}, es el último día de tu acceso a {{ brand_name }}.",
            "Puedes seguir viéndolo todo hasta esta noche. Si quieres continuar, responde hoy a este mensaje.",
        ),
    ),
    ("expired", 0): Draft(
        "Tu suscripción ha terminado",
        (
            "Tu suscripción a {{ brand_name }} terminó el {{ expiration_date }}. ¡Gracias por habernos acompañado!",
            "Puedes volver cuando quieras: responde a este mensaje y lo encontrarás todo como antes.",
        ),
    ),
    ("after_expiry", 7): Draft(
        "¿Te gustaría volver?",
        (
            "Han pasado {{ days_past }} días desde que terminó tu suscripción a {{ brand_name }}.",
            "Si lo echas de menos, responde a este mensaje: tu cuenta sigue ahí.",
        ),
    ),
    ("pending_invitation", 3): Draft(
        "Tu invitación te está esperando",
        (
            "Hace unos días recibiste una invitación a {{ brand_name }}, pero todavía no la has aceptado.",
            If(
                "server_url",
                "Es solo un minuto: busca la invitación en tu correo o inicia sesión en {{ server_url }}.",
            ),
            "Si algo no funciona, responde a este mensaje.",
        ),
    ),
    ("welcome", 0): Draft(
        "¡Te damos la bienvenida a {{ brand_name }}!",
        (
            "¡Qué bien tenerte aquí!",
            If("server_url", "Aquí lo tienes todo: {{ server_url }}"),
            If("login_username", "Tu nombre de usuario es {{ login_username }}."),
            If("expiration_date", "Tienes acceso hasta el {{ expiration_date }}."),
            "Si tienes alguna pregunta, responde a este mensaje. ¡Que lo disfrutes!",
        ),
    ),
    ("subscription_changed", 0): Draft(
        "Tu suscripción ha cambiado",
        (
            "Hemos actualizado tu suscripción a {{ brand_name }}.",
            If("subscription_name", "Ahora tienes el plan {{ subscription_name }}."),
            If("expiration_date", "Tienes acceso hasta el {{ expiration_date }}."),
            "No tienes que hacer nada. ¡Que lo disfrutes!",
        ),
    ),
    ("access_restored", 0): Draft(
        "Vuelves a tener acceso",
        (
            "Buenas noticias: ya puedes volver a usar {{ brand_name }}, igual que antes.",
            If("expiration_date", "Tienes acceso hasta el {{ expiration_date }}."),
            "Puede que tardes unos minutos en verlo todo de nuevo. ¡Qué bien que hayas vuelto!",
        ),
    ),
}
