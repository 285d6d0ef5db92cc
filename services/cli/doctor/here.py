"""What can be seen without any server: the data folder, the key file, the port and the zone."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.cli.embedded.lock import try_lock
from shared.runtime.secrets import BadKey, Secret, Vault
from shared.runtime.settings import Settings

from .findings import Finding, fault, ok, warning
from .installation import Installation

LITTLE, TOO_LITTLE = 2 * 1024**3, 200 * 1024**2  # bytes of disk


def folder(place: Path) -> Finding:
    """The data folder: is it there, ours and private, and is there room?"""
    about = "data folder"
    if not place.exists():
        return warning(about, f"{place} is not there yet", "`showrunner up` makes it at its first start")
    if not place.is_dir():
        return fault(about, f"{place} is a file", "move it away, or choose another folder with --data DIR")
    if not os.access(place, os.W_OK | os.X_OK):
        return fault(about, f"{place} can't be written to", f"give it to Showrunner's user: chown -R USER {place}")
    if place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning(about, f"{place} is open to other users", f"chmod 700 {place}")
    return room(shutil.disk_usage(place).free, place)


def room(free: int, place: Path) -> Finding:
    """Whether the disk has enough; `free` is in bytes."""
    if free >= LITTLE:
        return ok("data folder", f"{place}, {free // 1024**3} GB free")
    said, mend = f"the disk of {place} has {free // 1024**2} MB left", "make room: servers stop when it is full"
    return (fault if free < TOO_LITTLE else warning)("data folder", said, mend)


def running(place: Path) -> Finding:
    """Whether a `showrunner up` holds the folder now."""
    if not (place / "lock").exists():
        return warning("showrunner up", "was never started in this folder", "start it: showrunner up")
    descriptor = try_lock(place / "lock")
    if descriptor is None:
        return ok("showrunner up", "runs")
    os.close(descriptor)
    return warning("showrunner up", "does not run", "start it: showrunner up")


def key_given(text: Secret) -> Finding:
    """The key in the settings: is it one?"""
    try:
        Vault.from_text(text)
    except BadKey as error:
        return fault("key", f"{error}", "correct SHOWRUNNER_KEY")
    return ok("key", "in SHOWRUNNER_KEY")


def key(file: Path | None) -> Finding:
    """The key file: is it there, private, and does it hold a key?"""
    if file is None:
        return fault("key", "nobody said where the key file is", "set SHOWRUNNER_KEY_FILE")
    try:
        if not file.exists():
            return warning("key", f"{file} is not there", "the first start makes it; if there was one, put it back")
        Vault.from_file(file)
        mode = stat.S_IMODE(file.stat().st_mode)
    except (BadKey, OSError) as error:
        return fault("key", f"{error}", "put the right file back from your backup, or enter the servers' tokens anew")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return fault("key", f"{file} can be read by other users (mode {mode:04o})", f"chmod 600 {file}")
    return ok("key", f"{file}")


def port_taken(host: str, port: int) -> bool:
    """Whether somebody listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the gateway does: connections that have just ended do not keep a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def zone(settings: Settings, now: datetime) -> Finding:
    """The zone of calendar schedules, beside that of this machine."""
    ours, machine = now.astimezone(ZoneInfo(settings.timezone)), now.astimezone()
    if ours.utcoffset() != machine.utcoffset():
        return warning(
            "time zone",
            f"schedules go by {settings.timezone} ({ours:%H:%M} now), this machine by {machine.tzname()} "
            f"({machine:%H:%M})",
            "if that is not meant: set SHOWRUNNER_TIMEZONE, such as Europe/Paris",
        )
    return ok("time zone", f"{settings.timezone}, {ours:%H:%M} now")


def places(installation: Installation, now: datetime) -> list[Finding]:
    """All of it but the port."""
    found = []
    if installation.folder is not None:
        found.append(folder(installation.folder))
        if installation.folder.is_dir():
            found.append(running(installation.folder))
    given = installation.settings.secret("key")
    return [*found, key_given(given) if given else key(installation.key_file), zone(installation.settings, now)]
