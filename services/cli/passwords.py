"""`showrunner reset-password`: a way back in for an administrator who has lost the password.

It needs no log-in: whoever may use the database has the right already.
"""

from __future__ import annotations

import asyncio
import getpass
import socket
import sys
from argparse import ArgumentParser, Namespace

from services.cli.command import Command, UsageError
from services.cli.database import database_here
from services.cli.exits import DONE, FAILED, MISSING, UNREACHABLE
from services.cli.serving import settings_of
from services.cli.terminal.screen import complain
from shared.runtime.logs import configure_logs
from shared.runtime.secrets import Secret

COMMAND = "reset-password"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="who logs in with it: admin, if nobody made another")
    parser.add_argument("--data", default="", metavar="DIR", help="the data folder of `showrunner up`")


def _reset(words: Namespace) -> int:
    return asyncio.run(_reset_here(words, _new_password(words.account)))


async def _reset_here(words: Namespace, password: Secret) -> int:
    from services.gateway.auth.resetting import NOBODY_YET, CantReset, NoSuchAccount, reset_password
    from services.gateway.schema import SCHEMA
    from services.gateway.store.database import DatabaseUnreachable
    from shared.runtime.database_look import NotThere, look

    settings = settings_of(words)
    configure_logs(settings.log, "warning", words.command)
    async with database_here(words, settings) as url:
        try:
            if not (await look(url, (SCHEMA,))).applied.get(SCHEMA):
                complain(NOBODY_YET)
                return MISSING
            by, at = f"showrunner {COMMAND}", socket.gethostname()
            await reset_password(url, SCHEMA, words.account, password, by=by, at=at)
        except (NotThere, DatabaseUnreachable) as error:
            complain(f"the database: {error}")
            return UNREACHABLE
        except CantReset as error:
            complain(str(error))
            return MISSING if isinstance(error, NoSuchAccount) else FAILED
    print(f"{words.account} has the new password. All its sessions have ended; API tokens are as they were.")
    return DONE


def _new_password(account: str) -> Secret:
    """As typed twice, unseen; from a pipe its first line. Never an argument: all users of a machine see those."""
    if not sys.stdin.isatty():
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    password = Secret(getpass.getpass(f"New password of {account}: "))
    if password != Secret(getpass.getpass("Once more: ")):
        raise UsageError("the two passwords differ")
    return password


def commands() -> tuple[Command, ...]:
    """The one command."""
    does = "give an account a new password, without a log-in"
    return (Command(name=COMMAND, does=does, run=_reset, arguments=_arguments),)
