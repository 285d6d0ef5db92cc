"""A collector of spans: OTLP over HTTP (opentelemetry.io/docs/specs/otlp), as the official messages read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.support.waiting import wait_until


class Sent(NamedTuple):
    """A span as it was sent."""

    service: str
    span: ProtoSpan

    @property
    def run(self) -> UUID:
        return UUID(bytes=self.span.trace_id)

    @property
    def id(self) -> int:
        return int.from_bytes(self.span.span_id, "big")

    @property
    def parent(self) -> int:
        return int.from_bytes(self.span.parent_span_id, "big")

    @property
    def attributes(self) -> dict[str, str]:
        return {each.key: each.value.string_value for each in self.span.attributes}

    @property
    def failed(self) -> bool:
        return self.span.status.code == Status.STATUS_CODE_ERROR


class Collector:
    """Takes every span that it is sent."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[Sent] = []

    async def spans(self, run: UUID, *names: str) -> dict[str, Sent]:
        """The spans of a run by their names (the last of each), as soon as all of these are there."""

        def all_there() -> dict[str, Sent] | None:
            found = {sent.span.name: sent for sent in self.sent if sent.run == run}
            assert set(names) <= found.keys(), sorted(found)
            return found

        return dict(await wait_until(all_there, 20, what=f"the spans {names}"))

    async def _take(self, request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        for resource in told.resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.sent += [Sent(named["service.name"], span) for scope in resource.scope_spans for span in scope.spans]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """One that listens on a free port."""
    made = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", made._take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
