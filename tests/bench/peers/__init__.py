"""What others reach on the same machine, in the same run, on servers with the same durable settings."""

from __future__ import annotations

from msgspec import Struct


class Throughput(Struct, frozen=True):
    """Runs a second, and processor seconds per 1,000 runs with the servers' included."""

    runs_a_second: float
    seconds_per_1000: float
