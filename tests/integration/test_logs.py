"""Logs for machines: whatever goes wrong, and wherever it does, is one line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
BEGIN = "import asyncio, gc, logging, threading, warnings, structlog\nfrom shared.runtime.logs import configure_logs\n"

MISHAPS = {
    "an event": ("structlog.get_logger().warning('late', job='sync')", "late", ""),
    "an error that was caught": (
        "try: 1 / 0\nexcept ZeroDivisionError: structlog.get_logger().exception('bad')",
        "bad",
        "ZeroDivisionError",
    ),
    "a library": ("logging.getLogger('aiohttp.server').error('two\\nlines %s', 1)", "two\nlines 1", ""),
    "a library with a trace": (
        "logging.getLogger('nats').error('lost', exc_info=OSError('gone'))",
        "lost",
        "OSError: gone",
    ),
    "a warning": ("warnings.warn('outworn', UserWarning)", "UserWarning: outworn", ""),
    "a thread": (
        "def end(): raise KeyError('in a thread')\nthread = threading.Thread(target=end)\n"
        "thread.start()\nthread.join()",
        "thread_ended_by_error",
        "KeyError: 'in a thread'",
    ),
    "a finaliser": (
        "class Odd:\n    def __del__(self): raise RuntimeError('at the end')\nodd = Odd()\ndel odd",
        "error_lost",
        "RuntimeError: at the end",
    ),
    "a task that nobody awaited": (
        "async def fail(): raise OSError('unheard')\n"
        "async def main():\n"
        "    task = asyncio.ensure_future(fail())\n"
        "    await asyncio.wait([task])\n"
        "    del task\n"
        "    gc.collect()\n"
        "asyncio.run(main())",
        "Task exception was never retrieved",
        "OSError: unheard",
    ),
    "the end of the program": ("raise ValueError('the end')", "ended_by_error", "ValueError: the end"),
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_it_is_one_line_of_json(mishap: str) -> None:
    program, event, trace = MISHAPS[mishap]
    source = f"{BEGIN}configure_logs('json', 'info', 'gateway')\n{program}\n"
    ran = subprocess.run([sys.executable, "-c", source], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    (line,) = [json.loads(line) for line in ran.stderr.splitlines()]
    assert event in line["event"] and line["service"] == "gateway"
    assert trace in line.get("exception", "") and bool(trace) == ("exception" in line)
    assert line["timestamp"].endswith("Z") and line["level"] in {"warning", "error", "critical"}
