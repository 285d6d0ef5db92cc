"""`showrunner nats-users`: who may do what on a NATS of your own, workers of your own included."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from services.cli.command import Command, UsageError
from services.cli.exits import DONE


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("categories", nargs="*", metavar="CATEGORY", help="workers of your own that have a user, too")


def _print(words: Namespace) -> int:
    from shared.contracts.specs import CATEGORY_NAME
    from shared.messaging.permissions import users
    from shared.messaging.user_list import user_list

    if strange := [name for name in words.categories if not CATEGORY_NAME.fullmatch(name)]:
        raise UsageError(f"{strange[0]!r} is no name of a category: small letters, digits and - only")
    print(user_list(users(words.categories)), end="")
    return DONE


def commands() -> tuple[Command, ...]:
    """The one command."""
    does = "list the users of NATS, and what each of them may do"
    return (Command(name="nats-users", does=does, run=_print, arguments=_arguments),)
