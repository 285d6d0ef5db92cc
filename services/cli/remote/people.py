"""`people`, `person` and what is decided about one: who may watch, what, and until when."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date

import msgspec

from services.cli.command import Command
from services.cli.exits import DONE
from services.cli.terminal.screen import Screen
from services.cli.terminal.styles import Style
from services.cli.terminal.tables import Cell, Column, Row

from .answers import AccountAccess, People, Person, PersonAccess, Subscription
from .asking import Asking, remote
from .naming import person_meant, plan_meant, server_meant
from .runs import page_size

_COLUMNS = (
    Column("name", least=10),
    Column("state"),
    Column("plan", least=6),
    Column("last day"),
    Column("accounts", least=12),
    Column("e-mail", least=10),
)
_ACCOUNTS = (
    Column("server", 8),
    Column("account", 8),
    Column("role"),
    Column("state"),
    Column("libraries", right=True),
)
_STATES: dict[str, Style] = {"active": "good", "pre_expired": "warn", "reminder": "warn", "expired": "bad",
                            "invited": "busy", "suspended": "warn", "removed": "faint"}  # fmt: skip


def _people_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar="TEXT", help="found in a name, an e-mail, a note or an account")
    parser.add_argument("--state", choices=tuple(_STATES), metavar="STATE", help=f"only {', '.join(_STATES)}")
    parser.add_argument("--plan", metavar="PLAN", help="only people with this plan: its name or id")
    parser.add_argument("--server", metavar="SERVER", help="only people with an account there: its name or id")
    parser.add_argument("-l", "--limit", type=page_size, default=50, metavar="N", help="at most so many (50)")


def _person_argument(parser: ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON", help="name, e-mail address or id")


def _renew_arguments(parser: ArgumentParser) -> None:
    _person_argument(parser)
    parser.add_argument("--days", type=int, metavar="N", help="so many days; else as many as the plan has")


def _suspend_arguments(parser: ArgumentParser) -> None:
    _person_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for others to read")


async def _people(asking: Asking) -> int:
    words, screen, api = asking.words, asking.screen, asking.api
    answer = await api.get(
        "/api/people",
        text=words.text,
        state=words.state,
        plan=await plan_meant(api, words.plan) if words.plan else None,
        server=(await server_meant(api, words.server)).id if words.server else None,
        limit=words.limit,
    )
    if screen.json:
        screen.document(answer)
        return DONE
    found = msgspec.json.decode(answer, type=People)
    screen.table(_COLUMNS, [_row(person) for person in found.people])
    if not found.people:
        screen.say("Nobody fits.", "faint")
    if found.next:
        screen.say(f"{len(found.people)} of {found.total}: --limit shows more, or look for a part of a name.", "faint")
    return DONE


async def _person(asking: Asking) -> int:
    person = await person_meant(asking.api, asking.words.person)
    answer = await asking.api.get(f"/api/people/{person.id}")
    access = await asking.api.get(f"/api/people/{person.id}/access")
    if asking.screen.json:
        asking.screen.document(b'{"person":%b,"access":%b}' % (answer, access))
        return DONE
    show_person(asking.screen, msgspec.json.decode(answer, type=Person))
    _show_access(asking.screen, msgspec.json.decode(access, type=PersonAccess).accounts)
    return DONE


async def _renew(asking: Asking) -> int:
    return await _decided(asking, "renew", days=asking.words.days)


async def _suspend(asking: Asking) -> int:
    return await _decided(asking, "suspend", reason=asking.words.reason)


async def _unsuspend(asking: Asking) -> int:
    return await _decided(asking, "unsuspend")


async def _decided(asking: Asking, verb: str, **body: object) -> int:
    meant = await person_meant(asking.api, asking.words.person)
    answer = await asking.api.post(f"/api/people/{meant.id}/{verb}", **body)
    if asking.screen.json:
        asking.screen.document(answer)
        return DONE
    person = msgspec.json.decode(answer, type=Person)
    last = f", {_until(person.subscription)}" if person.subscription else ""
    asking.screen.say(f"{person.name} is {person.state}{last}.")
    return DONE


def show_person(screen: Screen, person: Person) -> None:
    """One person with subscription and accounts."""
    subscription = person.subscription
    state = f"{person.state}: {person.suspended_why}" if person.suspended_why else person.state
    screen.line(screen.paint(person.name, "strong"))
    screen.facts(
        {
            "State": Cell(state, _STATES.get(person.state, "")),
            "Subscription": f"{subscription.plan or 'no plan'}, {_until(subscription)}" if subscription else "none",
            "E-mail": person.email,
            "Notes": person.notes,
            "Access": "" if person.managed else "left as found on the servers",
            "Id": person.id,
        }
    )
    if person.accounts:
        screen.line()
        screen.table(
            _ACCOUNTS,
            [(a.server, a.title, a.role, a.state, f"{a.libraries}") for a in person.accounts],
        )


def _show_access(screen: Screen, accounts: Sequence[AccountAccess]) -> None:
    """What each account has, and what is still to be done about it."""
    for account in accounts:
        has = [library.title for library in account.libraries if library.observed]
        gets = [library.title for library in account.libraries if library.intended and not library.observed]
        loses = [library.title for library in account.libraries if library.intended is False and library.observed]
        screen.line()
        screen.facts(
            {
                account.server: ", ".join(has) or "nothing",
                "  will get": Cell(", ".join(gets), "good"),
                "  will lose": Cell(", ".join(loses), "warn"),
            }
        )


def _row(person: Person) -> Row:
    subscription = person.subscription
    return (
        person.name,
        Cell(person.state, _STATES.get(person.state, "")),
        subscription.plan or "–" if subscription else "–",
        _last_day(subscription.expires_on) if subscription else "–",
        ", ".join(dict.fromkeys(account.server for account in person.accounts)) or "–",
        person.email,
    )


def _until(subscription: Subscription) -> str:
    return f"until {subscription.expires_on}" if subscription.expires_on else "for life"


def _last_day(day: date | None) -> str:
    return day.isoformat() if day else "for life"


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("people", "list people, or look for some", _people, _people_arguments),
        remote("person", "show one person and their access", _person, _person_argument),
        remote("renew", "renew a person's subscription", _renew, _renew_arguments),
        remote("suspend", "take a person's access away for a while", _suspend, _suspend_arguments),
        remote("unsuspend", "end a person's suspension", _unsuspend, _person_argument),
    )
