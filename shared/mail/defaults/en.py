"""The default templates in English."""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Draft, If, Moment

GREETING = "Hello {{ firstname }},"

DRAFTS: Mapping[Moment, Draft] = {
    ("before_expiry", 30): Draft(
        "Your access ends in {{ days_left }} days",
        (
            "A quick heads-up: your access to {{ brand_name }} runs until {{ expiration_date }}. "
            "That is another {{ days_left }} days.",
            "If you would like to stay, there is plenty of time. Just reply to this message.",
        ),
    ),
    ("before_expiry", 7): Draft(
        "{{ days_left }} days left",
        (
            "Your access to {{ brand_name }} ends in {{ days_left }} days, on {{ expiration_date }}.",
            "Would you like to keep watching? Reply to this message, and nothing will change for you.",
        ),
    ),
    ("before_expiry", 0): Draft(
        "Your access ends today",
        (
            "Today, {{ expiration_date }}, is the last day of your access to {{ brand_name }}.",
            "You can watch until tonight. If you would like to stay, reply to this message today.",
        ),
    ),
    ("expired", 0): Draft(
        "Your subscription has ended",
        (
            "Your subscription to {{ brand_name }} ended on {{ expiration_date }}. Thank you for being with us!",
            "You are welcome back at any time. Reply to this message, and everything will be as it was.",
        ),
    ),
    ("after_expiry", 7): Draft(
        "We would be glad to have you back",
        (
            "It has been {{ days_past }} days since your subscription to {{ brand_name }} ended.",
            "If you miss it, reply to this message: your account is still there.",
        ),
    ),
    ("pending_invitation", 3): Draft(
        "Your invitation is waiting",
        (
            "A few days ago you were invited to {{ brand_name }}, but the invitation has not been accepted yet.",
            If(
                "server_url",
                "It only takes a minute: look for the invitation in your mailbox, or log in at {{ server_url }}.",
            ),
            "If anything does not work, reply to this message.",
        ),
    ),
    ("welcome", 0): Draft(
        "Welcome to {{ brand_name }}",
        (
            "Good to have you here!",
            If("server_url", "This is where you can watch: {{ server_url }}"),
            If("login_username", "Log in as {{ login_username }}."),
            If("expiration_date", "Your access runs until {{ expiration_date }}."),
            "If you have a question, reply to this message. Enjoy!",
        ),
    ),
    ("subscription_changed", 0): Draft(
        "Your subscription has changed",
        (
            "Your subscription to {{ brand_name }} has been updated.",
            If("subscription_name", "You now have the plan {{ subscription_name }}."),
            If("expiration_date", "Your access runs until {{ expiration_date }}."),
            "There is nothing you need to do. Enjoy!",
        ),
    ),
    ("access_restored", 0): Draft(
        "Your access is back",
        (
            "Good news: you can watch on {{ brand_name }} again, just as before.",
            If("expiration_date", "Your access runs until {{ expiration_date }}."),
            "It may take a few minutes until you see everything. Welcome back!",
        ),
    ),
}
