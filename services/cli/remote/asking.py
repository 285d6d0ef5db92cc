"""The frame of every command that is a client of the API: its options, who it is, and how its errors end."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from services.cli.command import Command, no_arguments
from services.cli.terminal.screen import Screen, complain
from shared.runtime.secrets import Secret

from .address import checked_address, local_address
from .api import Api, Key, open_api
from .errors import RemoteError
from .logins import kept_login, login_file


class Asking(Struct, frozen=True, kw_only=True):
    """One command under way: the API, where its words go, and what was asked."""

    api: Api
    screen: Screen
    words: Namespace


class Whereto(Struct, frozen=True, kw_only=True):
    """The address and what opens it. `key` is empty for a stranger."""

    url: str
    key: Key


Asked = Callable[[Asking], Awaitable[int]]


def remote(name: str, does: str, asked: Asked, arguments: Callable[[ArgumentParser], None] = no_arguments) -> Command:
    """A command that asks the API."""

    def add(parser: ArgumentParser) -> None:
        arguments(parser)
        where_and_how(parser)

    return Command(name=name, does=does, arguments=add, run=lambda words: run_remote(asked, words))


def where_and_how(parser: ArgumentParser, *, again: bool = False) -> None:
    """The options that all these commands have; `again` for the actions of a command that has them already."""
    common = parser.add_argument_group("where and how")
    text, flag = (SUPPRESS, SUPPRESS) if again else ("", False)
    common.add_argument("--url", default=text, metavar="URL", help="the address of Showrunner (SHOWRUNNER_URL)")
    common.add_argument("--token", default=text, metavar="TOKEN", help="an API token (better: SHOWRUNNER_TOKEN)")
    common.add_argument("--json", action="store_true", default=flag, help="answer with one JSON document")


def run_remote(asked: Asked, words: Namespace) -> int:
    """Carry the command out. What keeps it from being done is said on standard error."""
    try:
        return asyncio.run(_ask(asked, words))
    except RemoteError as error:
        complain(str(error))
        return error.status


def own_login_file() -> Path:
    """Where this user's log-in is kept."""
    return login_file(os.environ, home=Path.home(), platform=sys.platform)


def whereto(words: Namespace) -> Whereto:
    """As told by the words, else by the environment, else by the last log-in, else this machine's own.

    A session is sent only to the address that it was opened at.
    """
    login = kept_login(own_login_file())
    told = words.url or os.environ.get("SHOWRUNNER_URL")
    url = checked_address(told) if told else login.url if login else this_machine(words)
    token = words.token or os.environ.get("SHOWRUNNER_TOKEN", "")
    session = login.session if login and login.url == url and not token else ""
    return Whereto(url=url, key=Key(Secret(token), Secret(session)))


def this_machine(words: Namespace) -> str:
    """The address of the Showrunner of this machine."""
    file = words.config or os.environ.get("SHOWRUNNER_CONFIG")
    return local_address(os.environ, Path(file) if file else None)


async def _ask(asked: Asked, words: Namespace) -> int:
    place = whereto(words)
    async with open_api(place.url, place.key) as api:
        return await asked(Asking(api=api, screen=Screen(json=words.json), words=words))
