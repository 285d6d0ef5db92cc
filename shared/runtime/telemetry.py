"""What a process lets others see of its work: figures to be fetched, and spans to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .metrics import Meter
from .settings import SettingsError
from .traces import Tracer

if TYPE_CHECKING:
    from .otlp import Sender

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_RATIOS = {"always_on": 1.0, "always_off": 0.0}
_BY_RATIO = "traceidratio"


class Telemetry:
    """Handed to every service of a process. Without more, nobody gets to see anything."""

    def __init__(self, sender: Sender | None = None) -> None:
        self.meter = Meter()
        self._sender = sender

    def tracer(self, service: str) -> Tracer | None:
        """Where to tell of the spans of a service; None: nobody wants them."""
        return None if self._sender is None else self._sender.tracer(service)


@asynccontextmanager
async def open_telemetry(environ: Mapping[str, str]) -> AsyncIterator[Telemetry]:
    """That of a process. Spans are sent if OpenTelemetry's variables in `environ` say where to.

    Raises `SettingsError` when the packages for it are not there, or a variable is not understood.
    """
    ratio = sample_ratio(environ)
    if ratio == 0.0:
        yield Telemetry()
        return
    sender = _sender(ratio)
    try:
        yield Telemetry(sender)
    finally:
        await asyncio.to_thread(sender.close)


def sample_ratio(environ: Mapping[str, str]) -> float:
    """Of how many runs spans are sent: a share from 0 to 1. Raises `SettingsError`.

    By the OpenTelemetry specification, "Environment Variable Specification": OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER,
    OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. Nothing is sent unless an address is given.
    """
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    if off or not any(environ.get(name) for name in _ENDPOINTS):
        return 0.0
    sampler = (environ.get("OTEL_TRACES_SAMPLER") or "always_on").removeprefix("parentbased_")
    if sampler in _RATIOS:
        return _RATIOS[sampler]
    argument = environ.get("OTEL_TRACES_SAMPLER_ARG") or "1"
    try:
        ratio = float(argument)
    except ValueError:
        ratio = -1.0
    if sampler != _BY_RATIO or not 0.0 <= ratio <= 1.0:
        raise SettingsError(
            f"OTEL_TRACES_SAMPLER={sampler} with OTEL_TRACES_SAMPLER_ARG={argument}: write always_on, always_off, or "
            "traceidratio with a share from 0 to 1"
        )
    return ratio


def _sender(ratio: float) -> Sender:
    try:
        from .otlp import Sender
    except ImportError as error:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages for it are not there: "
            f"install showrunner[otel], or take the setting away ({error})"
        ) from error
    return Sender(ratio)
