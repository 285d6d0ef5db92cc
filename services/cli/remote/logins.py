"""The log-in that is kept between commands, in the user's own configuration folder, for nobody else to read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from services.cli.embedded.private import private_folder, write_private

NAME = "showrunner"


class Login(Struct, frozen=True, kw_only=True):
    """A session at one address; `session` opens it, and is sent nowhere else."""

    url: str
    account: str
    session: str
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Login(url={self.url!r}, account={self.account!r})"


def login_file(environ: Mapping[str, str], *, home: Path, platform: str) -> Path:
    """Where the log-in is kept (XDG Base Directory Specification; on macOS, Application Support)."""
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME / "login.json"
    chosen = Path(environ.get("XDG_CONFIG_HOME", ""))
    return (chosen if chosen.is_absolute() else home / ".config") / NAME / "login.json"


def kept_login(file: Path) -> Login | None:
    """The log-in that is kept; None when there is none, or none that we can read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Login)
    except (OSError, msgspec.DecodeError):
        return None


def keep_login(file: Path, login: Login) -> None:
    """Keep it (mode 0600) instead of the one before. OSError: it can't be written."""
    private_folder(file.parent)
    write_private(file, msgspec.json.encode(login))


def forget_login(file: Path) -> None:
    """Keep none."""
    file.unlink(missing_ok=True)
