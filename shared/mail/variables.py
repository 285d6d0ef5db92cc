"""What a template can say of a person: VODUM's variables and a few more, each with words that explain it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from shared.access.states import days_left

from .days import written
from .terms import Event, Login, MailPerson, MailPolicy, Product, Values

# Where people watch, whatever the address by which we reach the server.
PLEX_FOR_PEOPLE = "https://app.plex.tv"


class Variable(Struct, frozen=True, kw_only=True):
    """A variable, and what it stands for."""

    name: str
    meaning: str


VARIABLES: tuple[Variable, ...] = (
    Variable(name="username", meaning="The person's name"),
    Variable(name="firstname", meaning="The first word of their name"),
    Variable(name="lastname", meaning="The rest of their name"),
    Variable(name="email", meaning="Their e-mail address"),
    Variable(name="subscription_name", meaning="Their plan's name; empty without a plan"),
    Variable(name="expiration_date", meaning="Their last day, written out; empty if the subscription is for life"),
    Variable(name="days_left", meaning="Days until the last day: 0 on it, below 0 after it; empty if it is for life"),
    Variable(name="days_past", meaning="Days since the last day: 0 until it is over; empty if it is for life"),
    Variable(name="server_name", meaning="The name of the server that they have an account on"),
    Variable(name="server_url", meaning="The address of that server"),
    Variable(name="login_username", meaning="What they log in there with"),
    Variable(name="brand_name", meaning="The name that mail is sent under"),
    Variable(name="unsubscribe_url", meaning="Where campaigns can be unsubscribed from; empty in notices"),
)

NAMES = frozenset(variable.name for variable in VARIABLES)


def values_for(
    person: MailPerson,
    policy: MailPolicy,
    today: date,
    *,
    language: str,
    product: Product | None = None,
    unsubscribe_url: str = "",
) -> Values:
    """What the variables stand for, of this person today. `language`: the template's; `product`: whose it is for."""
    first, _, rest = person.name.strip().partition(" ")
    left = None if person.expires_on is None else days_left(person.expires_on, today)
    login = _login(person, product)
    return {
        "username": person.name,
        "firstname": first,
        "lastname": rest.strip(),
        "email": person.address,
        "subscription_name": person.plan,
        "expiration_date": "" if person.expires_on is None else written(person.expires_on, language),
        "days_left": "" if left is None else left,
        "days_past": "" if left is None else max(-left, 0),
        "server_name": login.server,
        "server_url": login.url,
        "login_username": login.username,
        "brand_name": policy.brand_name,
        "unsubscribe_url": unsubscribe_url,
    }


def made_up(event: Event | None, today: date, days: int = 0) -> MailPerson:
    """Somebody to show a template with, when no real person is chosen; None: a campaign's reader."""
    ahead = {"expired": -1, "after_expiry": -days, "before_expiry": days}.get(event or "", 30)
    login = Login(product="plex", server="Attic", url=PLEX_FOR_PEOPLE, username="kim_1")
    return MailPerson(
        id=UUID(int=0),
        name="Kim Example",
        email="kim@example.org",
        plan="Family",
        expires_on=today + timedelta(days=ahead),
        logins=(login,),
    )


def _login(person: MailPerson, product: Product | None) -> Login:
    fitting = [login for login in person.logins if product in (None, login.product)] or list(person.logins)
    return fitting[0] if fitting else Login(product="plex", server="", url="", username="")
