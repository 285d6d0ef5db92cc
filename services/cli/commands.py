"""Every command of `showrunner`, in the groups in which the help lists them."""

from __future__ import annotations

from collections.abc import Mapping

from services.cli import completion, keys, natsusers, passwords, serving
from services.cli.ascode import commands as ascode
from services.cli.backups import command as backups
from services.cli.command import Command
from services.cli.doctor import command as doctor
from services.cli.remote import controls, jobs, people, running, runs, servers, session, watch

GROUPS: Mapping[str, tuple[Command, ...]] = {
    "look": (*jobs.commands(), *runs.commands(), *watch.commands()),
    "steer": (*running.commands(), *controls.commands()),
    "servers and people": (*servers.commands(), *people.commands()),
    "as code": ascode.commands(),
    "yourself": session.commands(),
    "this machine": (
        *serving.commands(),
        *backups.commands(),
        *doctor.commands(),
        *keys.commands(),
        *passwords.commands(),
        *natsusers.commands(),
        *completion.commands(),
    ),
}

COMMANDS: Mapping[str, Command] = {command.name: command for group in GROUPS.values() for command in group}
