"""`login`, `logout` and `whoami`."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser

import msgspec

from services.cli.command import Command, UsageError
from services.cli.exits import DONE
from services.cli.terminal.screen import complain
from services.cli.terminal.times import both
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from .address import checked_address, is_private
from .answers import WhoAmI
from .api import Key, open_api
from .asking import Asking, own_login_file, remote, this_machine, whereto
from .errors import NotAllowed
from .logins import Login, forget_login, keep_login, kept_login


def _login_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", nargs="?", default="", metavar="ACCOUNT", help="who logs in; asked for if left out")


async def _log_in(asking: Asking) -> int:
    """The address is the one told, else this machine's: an earlier log-in somewhere else is not meant by a new one."""
    words, screen = asking.words, asking.screen
    told = words.url or os.environ.get("SHOWRUNNER_URL")
    url = checked_address(told) if told else this_machine(words)
    if not is_private(url):
        complain(f"{url} is not https: others on the way can read the password")
    account = words.account or _asked_account(url)
    async with open_api(url, Key()) as api:
        answer, session = await api.log_in(account, _asked_password(account))
    who = msgspec.json.decode(answer, type=WhoAmI)
    file = own_login_file()
    try:
        keep_login(file, Login(url=url, account=account, session=session.reveal(), expires_at=who.expires_at))
    except OSError as error:
        raise UsageError(f"the log-in can't be kept in {file} ({error.strerror}): set XDG_CONFIG_HOME") from error
    if screen.json:
        screen.document(answer)
    screen.say(f"Logged in at {url} as {who.account} ({who.role}).", "good")
    return DONE


async def _log_out(asking: Asking) -> int:
    file, screen = own_login_file(), asking.screen
    login = kept_login(file)
    if login is None:
        raise NotAllowed("nobody is logged in")
    try:
        async with open_api(login.url, Key(session=Secret(login.session))) as api:
            await api.delete("/api/session")
    except NotAllowed:
        pass  # the session has ended already
    forget_login(file)
    if screen.json:
        screen.document(b"{}")
    screen.say(f"Logged out at {login.url}.")
    return DONE


async def _who(asking: Asking) -> int:
    answer = await asking.api.get("/api/session")
    if asking.screen.json:
        asking.screen.document(answer)
        return DONE
    who = msgspec.json.decode(answer, type=WhoAmI)
    asking.screen.facts({"Account": who.account, "Role": who.role, "At": whereto(asking.words).url, "Until": _end(who)})
    return DONE


def _end(who: WhoAmI) -> str:
    return both(who.expires_at, utc_now()) if who.expires_at else "until it is removed"


def _asked_account(url: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError("name the account: showrunner login ACCOUNT")
    return input(f"Account at {url} [admin]: ").strip() or "admin"


def _asked_password(account: str) -> Secret:
    """As typed, unseen; from a pipe its first line. Never an argument: those are seen by all users of a machine."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(f"Password of {account}: "))
    return Secret(sys.stdin.readline().rstrip("\r\n"))


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("login", "log in, and stay so", _log_in, _login_arguments),
        remote("logout", "end the log-in", _log_out),
        remote("whoami", "who is logged in, and where", _who),
    )
