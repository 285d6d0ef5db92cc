"""Which structs are messages of their own, and what each is called outside: its tag."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc
from typing import get_args

from msgspec import Struct

from shared.contracts.announcements import Announce, Announcement
from shared.contracts.commands import Answer, CancelRun, Command
from shared.contracts.controls import Control
from shared.contracts.feed import Feed, Leader
from shared.contracts.reports import Reports
from shared.contracts.resources import Holding, Occupied
from shared.contracts.specs import Spec
from shared.contracts.ticks import TickEvent

Message = type[Struct]

TICK_EVENTS: Sequence[Message] = get_args(TickEvent)
COMMANDS: Sequence[Message] = get_args(Command)
ANSWERS: Sequence[Message] = get_args(Answer)
ANNOUNCEMENTS: Sequence[Message] = get_args(Announcement)
OF_JOBS: Sequence[Message] = (*TICK_EVENTS, Reports, Spec, Announce, *ANNOUNCEMENTS, Control)
MESSAGES: Sequence[Message] = (*OF_JOBS, *COMMANDS, *ANSWERS, CancelRun, Feed, Leader, Holding, Occupied)


def tag(message: Message) -> str:
    """The name and version by which a message is told from others, as `tick.v1`."""
    return str(message.__struct_config__.tag)


def verb(command: Message) -> str:
    """The last token of a command's subject: its tag without the version."""
    return tag(command).partition(".")[0]


def summary(message: Message) -> str:
    """The first paragraph of what its docstring says, on one line."""
    return " ".join(cleandoc(message.__doc__ or "").partition("\n\n")[0].split())
