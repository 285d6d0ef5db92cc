"""What can go wrong with a simulated mail server, set by a test and used up command by command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Moment = Literal["EHLO", "AUTH", "MAIL", "RCPT", "RSET", "DATA", "content"]
"""A command's arrival; `DATA` is before the message is asked for, `content` when all of it has come."""


@dataclass(frozen=True, kw_only=True)
class Say:
    """Give this answer and do nothing."""

    answer: str


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Cut the connection without an answer. `kept`: at `content`, the message has been taken all the same."""

    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Do not go on before `released` is set. `kept`: at `content`, the message has been taken before."""

    released: asyncio.Event
    kept: bool = False


Effect = Say | Drop | Hold


@dataclass
class _Fault:
    moment: Moment
    effect: Effect
    strikes: Callable[[str], bool]
    left: int | None

    def take(self, moment: Moment, argument: str) -> bool:
        if self.left == 0 or moment != self.moment or not self.strikes(argument):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class SmtpFaults:
    """Faults in the order in which they were set; `times` is how often each strikes (None: from now on)."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def say(self, moment: Moment, answer: str, *, to: str = "", times: int | None = None) -> None:
        """Answer so ("550 5.1.1 No such user") to all, or to commands that hold `to`."""
        self._add(moment, Say(answer=answer), to, times)

    def drop(self, moment: Moment, *, kept: bool = False, to: str = "", times: int | None = 1) -> None:
        """Cut the connection."""
        self._add(moment, Drop(kept=kept), to, times)

    def hold(self, moment: Moment, *, kept: bool = False, times: int | None = None) -> asyncio.Event:
        """Leave commands unanswered until the event that is returned is set."""
        released = asyncio.Event()
        self._add(moment, Hold(released=released, kept=kept), "", times)
        return released

    def greylist(self) -> None:
        """Put off every recipient's first message (451), as many servers do with strangers."""
        seen: set[str] = set()

        def first_time(recipient: str) -> bool:
            new = recipient not in seen
            seen.add(recipient)
            return new

        self._faults.append(_Fault("RCPT", Say(answer="451 4.7.1 Greylisted, try again later"), first_time, None))

    def clear(self) -> None:
        """Forget all faults, and let go what is held."""
        for fault in self._faults:
            if isinstance(fault.effect, Hold):
                fault.effect.released.set()
        self._faults.clear()

    def due(self, moment: Moment, argument: str) -> list[Effect]:
        """The effects that strike here, in their order."""
        return [fault.effect for fault in self._faults if fault.take(moment, argument)]

    def _add(self, moment: Moment, effect: Effect, to: str, times: int | None) -> None:
        self._faults.append(_Fault(moment, effect, lambda argument: to.lower() in argument.lower(), times))
