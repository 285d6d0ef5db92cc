"""Where the tokens of servers come from; the file itself never holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.runtime.secrets import Secret

from .entries import ServerEntry

HOW = "set it, or say with `token_file` in which file the token is"


class TokenMissing(Exception):
    """A token can't be had; the message says why, and what to do."""


def token_of(entry: ServerEntry, environ: Mapping[str, str], folder: Path) -> Secret:
    """A server's token; `folder` is where the paths of files begin. TokenMissing."""
    if entry.token_env:
        token = environ.get(entry.token_env, "").strip()
        if not token:
            raise TokenMissing(f"its token is needed, and the variable {entry.token_env} is not set: {HOW}")
        return Secret(token)
    if not entry.token_file:
        raise TokenMissing("its token is needed, and nothing says where it is: add `token_env` or `token_file`")
    try:
        token = (folder / entry.token_file).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TokenMissing(f"{entry.token_file} can't be read ({reason}): put the token there") from None
    if not token:
        raise TokenMissing(f"{entry.token_file} is empty: put the token there")
    return Secret(token)


def variables(servers: Iterable[str]) -> Mapping[str, str]:
    """For each server the variable that an export names: `ATTIC_TOKEN`, each of them once."""
    names: dict[str, str] = {}
    for server in servers:
        bare = re.sub(r"[^A-Z0-9]+", "_", server.upper()).strip("_") or "SERVER"
        bare = f"SERVER_{bare}" if bare[0].isdigit() else bare
        number, name = 1, f"{bare}_TOKEN"
        while name in names.values():
            number += 1
            name = f"{bare}_{number}_TOKEN"
        names[server] = name
    return names
