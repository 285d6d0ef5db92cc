"""`servers`: the media servers, and the Shoko Servers behind them; list, add, check and remove them."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.cli.command import Command, UsageError
from services.cli.exits import DONE, FAILED
from services.cli.terminal.styles import SERVER
from services.cli.terminal.tables import Cell, Column, Row
from services.cli.terminal.times import relative
from shared.runtime.clock import utc_now

from .answers import Server, Servers
from .asking import Asking, remote, where_and_how
from .naming import server_meant

_COLUMNS = (
    Column("name", least=8),
    Column("kind"),
    Column("state"),
    Column("version", least=6),
    Column("ping", right=True),
    Column("seen"),
    Column("address", least=22),
)


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="add | check | remove")
    add = actions.add_parser("add", help="add a server; its token is asked for, or read from standard input")
    add.add_argument("kind", choices=("plex", "jellyfin", "shoko"), metavar="KIND", help="plex, jellyfin or shoko")
    add.add_argument("name", metavar="NAME", help="what we call it")
    add.add_argument("address", metavar="ADDRESS", help="such as http://192.168.1.10:32400")
    add.add_argument("--shoko", metavar="SERVER", help="of a Jellyfin server: the Shoko Server behind it, if several")
    add.add_argument("--unchecked", action="store_true", help="add it even if it does not answer")
    check = actions.add_parser("check", help="look at servers now")
    check.add_argument("server", nargs="?", metavar="SERVER", help="name or id; all of them if left out")
    remove = actions.add_parser("remove", help="remove a server with its libraries and accounts; people stay")
    remove.add_argument("server", metavar="SERVER", help="name or id")
    remove.add_argument("-y", "--yes", action="store_true", help="do not ask whether that is meant")
    for action in (add, check, remove):
        where_and_how(action, again=True)


async def _servers(asking: Asking) -> int:
    actions = {"add": _add, "check": _check, "remove": _remove, None: _list}
    return await actions[asking.words.action](asking)


async def _list(asking: Asking) -> int:
    answer = await asking.api.get("/api/servers")
    if asking.screen.json:
        asking.screen.document(answer)
        return DONE
    _show(asking, msgspec.json.decode(answer, type=Servers).servers)
    return DONE


async def _add(asking: Asking) -> int:
    words, screen = asking.words, asking.screen
    answer = await asking.api.post(
        "/api/servers",
        kind=words.kind,
        name=words.name,
        url=words.address,
        token=_asked_token(words.kind),
        shoko_id=(await server_meant(asking.api, words.shoko)).id if words.shoko else None,
        unchecked=words.unchecked,
    )
    if screen.json:
        screen.document(answer)
    server = msgspec.json.decode(answer, type=Server)
    screen.say(f"{server.name} was added: {server.kind} {server.version}".rstrip() + f", {_state(server)}.")
    return DONE


async def _check(asking: Asking) -> int:
    """All that were meant, even if one is down; then the exit status says so."""
    api, named = asking.api, asking.words.server
    meant = (await server_meant(api, named),) if named else (await api.read(Servers, "/api/servers")).servers
    answers = [await api.post(f"/api/servers/{server.id}/check") for server in meant]
    looked_at = tuple(msgspec.json.decode(answer, type=Server) for answer in answers)
    if asking.screen.json:
        asking.screen.document(b'{"servers":[%b]}' % b",".join(answers))
    else:
        _show(asking, looked_at)
    return DONE if all(server.state == "up" for server in looked_at) else FAILED


async def _remove(asking: Asking) -> int:
    server = await server_meant(asking.api, asking.words.server)
    if not asking.words.yes:
        _insist(server)
    await asking.api.delete(f"/api/servers/{server.id}")
    if asking.screen.json:
        asking.screen.document(b"{}")
    asking.screen.say(f"{server.name} was removed; its people are still there.")
    return DONE


def _show(asking: Asking, servers: tuple[Server, ...]) -> None:
    screen, now = asking.screen, utc_now()
    names = {server.id: server.name for server in servers}
    screen.table(_COLUMNS, [_row(server, names, now) for server in servers])
    if not servers:
        screen.say("There is none yet: `showrunner servers add plex NAME ADDRESS` adds one.", "faint")
    for server in servers:
        if server.enabled and server.last_error and server.state != "up":
            screen.say(f"{server.name}: {server.last_error}", "bad")


def _row(server: Server, names: Mapping[str, str], now: datetime) -> Row:
    shoko = names.get(server.shoko_id or "")
    return (
        server.name,
        server.kind + (f" with {shoko}" if shoko else ""),
        Cell(_state(server), SERVER.get(_state(server), "")),
        server.version,
        f"{server.latency_ms:.0f} ms" if server.latency_ms is not None else "–",
        relative(server.last_seen_at, now),
        server.url,
    )


def _state(server: Server) -> str:
    return server.state if server.enabled else "off"


def _asked_token(kind: str) -> str:
    """As typed, unseen; from a pipe its first line. Never an argument: those are seen by all users of a machine."""
    token = getpass.getpass(f"{kind.title()} token: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not token.strip():
        raise UsageError("a server needs a token: type it, or give it on standard input")
    return token.strip()


def _insist(server: Server) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"say --yes to remove {server.name} without being asked")
    if input(f"Remove {server.name} with all its libraries and accounts? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise UsageError(f"{server.name} stays")


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (remote("servers", "list the media servers; add, check or remove one", _servers, _arguments),)
