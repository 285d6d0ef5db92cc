"""All settings, read once at the start: from the environment, else from a TOML file, else their defaults.

A secret can also be given as `SHOWRUNNER_<NAME>_FILE`: the path of a file that holds it, as containers have theirs.

SettingsError
    every value that can't be used, each with the name that a person wrote and what is allowed
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from .secrets import Secret

PREFIX = "SHOWRUNNER_"
_LEAST = {
    "concurrency": 1, "drain_s": 0, "ack_wait_s": 1, "lease_s": 0.5, "least_interval_s": 0.001, "port": 0,
    "shoko_reads": 0.1, "shoko_writes": 0.1,
}  # fmt: skip
_SECRETS = {"admin_password", "backup_passphrase", "database_url", "nats_url"}
_HIDDEN = {*_SECRETS, "key"}


class SettingsError(Exception):
    """One or more settings can't be used."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`SHOWRUNNER_<NAME>` in the environment, `<name>` in the file. An address not given means the embedded server.

    Names that end in `_s` are seconds. `timezone` is that of calendar schedules which name none; `replicas` is how many
    copies NATS keeps (3 in a cluster); a `port` of 0 is any free one. A single scheduler or worker answers health
    checks on `health_port`, if one is given. `backups` is the folder of backups; without it, it is beside the key file.
    `backup_passphrase` seals the key into each backup. `nats_ca`, `nats_cert` and `nats_key` are files in PEM: whose
    certificates NATS may show, and what we show it. `key` is what otherwise stands in `key_file`. No job may be
    due more often than every `least_interval_s`. `shoko_reads` and `shoko_writes` are requests a second to a Shoko
    Server at most.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    health_port: int = 0
    data: str = ""
    admin_password: str = ""
    database_url: str = ""
    key: str = ""
    nats_url: str = ""
    nats_ca: str = ""
    nats_cert: str = ""
    nats_key: str = ""
    key_file: str = ""
    backups: str = ""
    backup_passphrase: str = ""
    timezone: str = "UTC"
    log: str = "console"
    log_level: str = "info"
    concurrency: int = 16
    drain_s: float = 25.0
    ack_wait_s: float = 10.0
    lease_s: float = 1.5
    least_interval_s: float = 1.0
    replicas: int = 1
    plex_tv_url: str = "https://plex.tv"
    shoko_reads: float = 500.0
    shoko_writes: float = 10.0

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value}' for name, value in self.shown().items())})"

    def shown(self) -> dict[str, str]:
        """All values as text, the secret ones hidden."""
        values = msgspec.structs.asdict(self)
        return {name: "(hidden)" if name in _HIDDEN and value else str(value) for name, value in values.items()}

    def secret(self, name: str) -> Secret:
        """A secret setting, wrapped so that it is not shown by accident."""
        return Secret(getattr(self, name))


def read_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings; `file` is the TOML file, if one was named. Raises `SettingsError` with all errors together."""
    values: dict[str, Any] = {}
    errors: list[str] = []
    names = {field.name: field for field in msgspec.structs.fields(Settings)}
    given = {key: (value, f"{key} in {file}") for key, value in _from_file(file).items()}
    given |= {
        name: (environ[PREFIX + name.upper()], PREFIX + name.upper())
        for name in names
        if PREFIX + name.upper() in environ
    }
    given |= _from_secret_files(environ, errors)
    for name, (value, origin) in given.items():
        if name not in names:
            errors.append(f"{origin}: there is no such setting")
            continue
        try:
            values[name] = msgspec.convert(value, names[name].type, strict=False)
        except msgspec.ValidationError:
            errors.append(f"{origin}: not a value of the right kind ({names[name].type})")
    settings = Settings(**values)
    errors.extend(_faults(settings))
    if errors:
        raise SettingsError("\n".join(errors))
    return settings


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {file} can't be read: {error}") from error


def _from_secret_files(environ: Mapping[str, str], errors: list[str]) -> dict[str, tuple[str, str]]:
    """Secret name -> its value and where it comes from; what is wrong with the files is added to `errors`."""
    found: dict[str, tuple[str, str]] = {}
    for name in sorted(_SECRETS):
        variable = PREFIX + name.upper()
        origin = f"{variable}_FILE"
        if origin not in environ:
            continue
        if variable in environ:
            errors.append(f"{origin}: {variable} is given too; give one of them")
            continue
        path = environ[origin]
        try:
            value = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            errors.append(f"{origin}: {path!r} can't be read ({type(error).__name__}); is it there, and ours to read?")
            continue
        if not value:
            errors.append(f"{origin}: {path!r} is empty")
        found[name] = (value, origin)
    return found


def _faults(settings: Settings) -> list[str]:
    faults: list[str] = []
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"timezone: {settings.timezone!r} is not a time zone; write one such as Europe/Paris or UTC")
    if settings.log not in ("console", "json"):
        faults.append(f"log: {settings.log!r} is not a form of log; write json or console")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        faults.append(f"log_level: {settings.log_level!r} is not a level; write debug, info, warning or error")
    for name, least in _LEAST.items():
        if getattr(settings, name) < least:
            faults.append(f"{name}: at least {least}")
    if settings.key and settings.key_file:
        faults.append("key: key_file is given too; give one of them")
    if settings.nats_key and not settings.nats_cert:
        faults.append("nats_key: a key shows nothing by itself; name its certificate with nats_cert")
    if settings.replicas not in (1, 3, 5):
        faults.append("replicas: 1, 3 or 5")
    if not 0 <= settings.port <= 65535:
        faults.append("port: 0 to 65535")
    return faults
