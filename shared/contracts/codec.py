"""JSON on the wire. Decoders are made once: making one costs more than a thousand decodings."""

from __future__ import annotations

from typing import Any

import msgspec

from .commands import Answer, CancelRun, Command
from .controls import Control
from .feed import Feed, Leader
from .reports import Reports
from .specs import Spec
from .ticks import Tick, TickEvent

encode = msgspec.json.Encoder().encode

decode_tick = msgspec.json.Decoder(Tick).decode
decode_tick_event: Any = msgspec.json.Decoder(TickEvent).decode
decode_reports = msgspec.json.Decoder(Reports).decode
decode_spec = msgspec.json.Decoder(Spec).decode
decode_control = msgspec.json.Decoder(Control).decode
decode_command: Any = msgspec.json.Decoder(Command).decode
decode_answer: Any = msgspec.json.Decoder(Answer).decode
decode_cancel = msgspec.json.Decoder(CancelRun).decode
decode_feed = msgspec.json.Decoder(Feed).decode
decode_leader = msgspec.json.Decoder(Leader).decode
