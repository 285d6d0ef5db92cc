"""Asking the scheduler that leads to carry out a command."""

from __future__ import annotations

import asyncio
import time

from shared.contracts import codec, subjects
from shared.contracts.commands import Command, Done, RefusalCode, Refused, SkipNext
from shared.messaging import Bus, Unreachable

IN_ALL_S = 3.0
ONE_TRY_S = 1.0
SHORTEST_TRY_S = 0.5  # in less, even the answer that nobody is there may not come
PAUSE_S = 0.1


class CommandRefused(Exception):
    """The scheduler said no; nothing was changed."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(detail)
        self.code: RefusalCode = code
        self.detail = detail


class SchedulerUnreachable(Exception):
    """No scheduler answered in time; the message says whether anything can have changed."""


async def ask(bus: Bus, command: Command) -> Done:
    """Have a command carried out. Raises `CommandRefused`, or `SchedulerUnreachable` within `IN_ALL_S` seconds.

    It is asked again when no answer comes, since the leader may just be changing: asking for the same run or control
    twice is asking once. Only `SkipNext` is not repeated once somebody may have heard it. It is asked again as well
    when the scheduler does not know the job: whoever asks does, and a new one may be heard of here before it is there.
    """
    subject = subjects.command(str(command.__struct_config__.tag).partition(".")[0])
    payload = codec.encode(command)
    deadline = time.monotonic() + IN_ALL_S
    heard = False
    unknown: CommandRefused | None = None
    while (left := deadline - time.monotonic()) > SHORTEST_TRY_S:
        patience = left if isinstance(command, SkipNext) else min(left, ONE_TRY_S)
        asked_at = time.monotonic()
        # What is sent without a connection would be delivered whenever it is back.
        if bus.connected:
            try:
                return _done(codec.decode_answer(await bus.request(subject, payload, patience)))
            except Unreachable:
                heard = heard or time.monotonic() - asked_at >= patience
            except CommandRefused as refused:
                if refused.code != "job_unknown":
                    raise
                unknown = refused
        await asyncio.sleep(PAUSE_S)
    if heard:
        raise SchedulerUnreachable("The scheduler did not answer in time. Look at the job before you try again.")
    if unknown is not None:
        raise unknown
    raise SchedulerUnreachable("No scheduler can be reached; nothing was changed. Try again in a moment.")


def _done(answer: Done | Refused) -> Done:
    if isinstance(answer, Refused):
        raise CommandRefused(answer.code, answer.detail)
    return answer
