"""JSON on the wire. Decoders are made once: making one costs more than a thousand decodings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from .announcements import Announce, Announcement, SpecRefused
from .commands import Answer, CancelRun, Command
from .controls import Control
from .feed import Feed, Leader
from .reports import Reports
from .resources import Holding, Occupied
from .specs import Spec
from .ticks import Tick, TickEvent

T = TypeVar("T")

encode = msgspec.json.Encoder().encode


def _decoder(kind: type[T]) -> Callable[[bytes], T]:
    """A decoder that raises `DecodeError`, and nothing else, whatever the bytes are."""
    decode = msgspec.json.Decoder(kind).decode

    def decoded(data: bytes) -> T:
        try:
            return decode(data)
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError(f"Text is not UTF-8 (byte {error.start} of it)") from None
        except RecursionError:
            raise msgspec.DecodeError("JSON is nested too deeply") from None

    return decoded


decode_tick = _decoder(Tick)
decode_tick_event: Any = _decoder(TickEvent)  # type: ignore[arg-type]  # a union is read as well
decode_reports = _decoder(Reports)
decode_spec = _decoder(Spec)
decode_control = _decoder(Control)
decode_command: Any = _decoder(Command)  # type: ignore[arg-type]
decode_answer: Any = _decoder(Answer)  # type: ignore[arg-type]
decode_cancel = _decoder(CancelRun)
decode_feed = _decoder(Feed)
decode_leader = _decoder(Leader)
decode_announce = _decoder(Announce)
decode_announcement: Any = _decoder(Announcement)  # type: ignore[arg-type]
decode_spec_refused = _decoder(SpecRefused)
decode_holding = _decoder(Holding)
decode_occupied = _decoder(Occupied)
