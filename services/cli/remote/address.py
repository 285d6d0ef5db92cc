"""Where the API is: as told, as kept by the last log-in, or on this machine."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from services.cli.command import UsageError
from services.cli.embedded.place import default_folder, may_use_system_folder
from shared.runtime.settings import Settings, SettingsError, read_settings

ADDRESS_FILE = "address"  # in the data folder; written by `showrunner up` once it listens


def checked_address(text: str) -> str:
    """The address without a slash at its end; http:// is added where no scheme is said. UsageError: it is none."""
    url = text.strip()
    url = (url if "://" in url else f"http://{url}").rstrip("/")
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username is not None or parts.query or parts.fragment:
        raise UsageError(f"{text!r} is no address: write it as http://localhost:8080")
    return url


def local_address(environ: Mapping[str, str], file: Path | None) -> str:
    """Where `showrunner up` listens on this machine, as it wrote down; else where the settings say that it would."""
    try:
        settings = read_settings(environ, file)
    except SettingsError:
        settings = Settings()  # a client needs no settings: what is wrong with them is told by what uses them
    try:
        return checked_address((data_folder(settings) / ADDRESS_FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, UsageError):
        return f"http://127.0.0.1:{settings.port or Settings().port}"


def data_folder(settings: Settings, chosen: str = "") -> Path:
    """The folder of `showrunner up`: as chosen, else as in the settings, else the usual one."""
    if named := chosen or settings.data:
        return Path(named).expanduser()
    return default_folder(os.environ, home=Path.home(), platform=sys.platform, system=may_use_system_folder())


def is_private(url: str) -> bool:
    """Whether nobody on the way can read along: https, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
