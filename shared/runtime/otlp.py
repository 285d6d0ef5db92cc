"""Spans on their way to a collector by OTLP over HTTP, in batches, by a thread of OpenTelemetry's.

Loaded only where they are wanted: it needs the packages of the extra `otel`.
The sender's own settings are the standard ones, OTEL_EXPORTER_OTLP_* and OTEL_BSP_*.
"""

from __future__ import annotations

import threading
from uuid import UUID

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from .traces import Span, sampled

LAST_S = 3.0
_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_SCOPE = InstrumentationScope("showrunner")


class Sender:
    """Sends the spans of a process. What the collector does not take, or not fast enough, is lost."""

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._batches = BatchSpanProcessor(OTLPSpanExporter())

    def tracer(self, service: str) -> ServiceTracer:
        """Tells of the spans of one service of this process. What OTEL_RESOURCE_ATTRIBUTES says comes first."""
        ours = {"service.namespace": "showrunner", "service.name": f"showrunner-{service}"}
        resource = Resource.create({**ours, **OTELResourceDetector().detect().attributes})
        return ServiceTracer(self._batches, resource, self._ratio)

    def close(self) -> None:
        """Send what is left, for at most `LAST_S`. Blocks."""
        # By itself it would go on for half a minute when nobody takes it: longer than a stop may last.
        closing = threading.Thread(target=self._batches.shutdown, name="last-spans", daemon=True)
        closing.start()
        closing.join(LAST_S)


class ServiceTracer:
    """A `Tracer`. Spans are made when they have ended, with ids of their own, so the library's own way in is no use."""

    def __init__(self, batches: BatchSpanProcessor, resource: Resource, ratio: float) -> None:
        self._batches = batches
        self._resource = resource
        self._ratio = ratio

    def tell(self, span: Span) -> None:
        """See `Tracer`."""
        if not sampled(span.run, self._ratio):
            return
        self._batches.on_end(
            ReadableSpan(
                span.name,
                context=_context(span.run, span.id),
                parent=_context(span.run, span.parent) if span.parent else None,
                resource=self._resource,
                attributes={"showrunner.run": str(span.run), **span.attributes},
                links=[Link(_remote(span.link.trace, span.link.span))] if span.link else [],
                kind=_KINDS[span.kind],
                status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
                start_time=span.start_ns,
                end_time=max(span.start_ns, span.end_ns),
                instrumentation_scope=_SCOPE,
            )
        )


def _context(run: UUID, span: int) -> SpanContext:
    return SpanContext(run.int, span, is_remote=False, trace_flags=_SAMPLED)


def _remote(trace: int, span: int) -> SpanContext:
    return SpanContext(trace, span, is_remote=True)
