"""From the table of routes to a web application: who calls, may they, what do they give, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict, CIMultiDictProxy

from ..auth.origin import SAFE_METHODS, same_origin
from ..auth.tokens import BadToken
from ..context import Gateway
from ..hooks.receiver import Receiver
from ..page import Page
from ..public.consent import ConsentPage
from ..public.unsubscribe import UnsubscribePage
from ..store.database import DatabaseUnreachable
from .answering import problem_answer, problem_of
from .callers import caller_of
from .headers import SECURITY
from .problems import Problem
from .reading import LARGEST_BODY, read
from .route import Call, Json, Route

_encode = msgspec.json.Encoder().encode

_JSON_HEADERS = CIMultiDictProxy(CIMultiDict({**SECURITY, "Content-Type": "application/json"}))


def build(gateway: Gateway, routes: Sequence[Route[Any]]) -> web.Application:
    """The application that serves these routes, the page that uses them, the pages for everybody else, and hooks."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_unrouted(gateway)])
    for route in routes:
        app.router.add_route(route.method, route.path, _handler(gateway, route))
    Page().add_to(app)
    ConsentPage(gateway).add_to(app)
    UnsubscribePage(gateway).add_to(app)
    Receiver(gateway).add_to(app)
    return app


def _handler(gateway: Gateway, route: Route[Any]) -> Handler:
    measured = gateway.metrics.request(route.method, route.path)

    async def handle(request: web.Request) -> web.StreamResponse:
        started = perf_counter()
        try:
            return await _serve(gateway, route, request)
        except ConnectionResetError:
            raise  # the client has gone: nobody is left to be told anything
        except Exception as error:
            return problem_answer(gateway, problem_of(error, request.method, request.path))
        finally:
            measured(perf_counter() - started)

    return handle


async def _serve(gateway: Gateway, route: Route[Any], request: web.Request) -> web.StreamResponse:
    # What anyone may ask needs no caller, and so answers while Postgres is away.
    caller = None if route.role == "anyone" else await caller_of(gateway, request)
    changes = request.method not in SAFE_METHODS
    # Browsers send cookies along with any site's requests, but never a token.
    if changes and not (caller and caller.by_token) and not same_origin(request.headers):
        raise Problem("cross_origin", "A page of another site can't change anything here.")
    call = Call(gateway, request, caller)
    call.require(route.role)
    if changes and caller and gateway.trail.full:
        raise Problem("audit_unavailable")
    given = await route.handler(call, await read(route, request))
    if changes:
        gateway.changed()
    return _answer(route, given)


def _answer(route: Route[Any], given: object) -> web.StreamResponse:
    if isinstance(given, web.StreamResponse):
        if not given.prepared:
            given.headers.update(SECURITY)
        return given
    if given is None:
        return web.Response(status=204, headers=SECURITY)
    body = given.body if isinstance(given, Json) else _encode(given)
    return web.Response(body=body, status=route.status, headers=_JSON_HEADERS)


def _unrouted(gateway: Gateway) -> Middleware:
    @web.middleware
    async def answer_unrouted(request: web.Request, handler: Handler) -> web.StreamResponse:
        missed = request.match_info.http_exception
        if missed is None:
            return await handler(request)
        try:
            Call(gateway, request, await caller_of(gateway, request)).require("viewer")
        except (Problem, BadToken, DatabaseUnreachable) as error:
            problem = problem_of(error, request.method, request.path)
        else:
            problem = _missed(missed, request)
        return problem_answer(gateway, problem)

    return answer_unrouted


def _missed(missed: web.HTTPException, request: web.Request) -> Problem:
    if isinstance(missed, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(missed.allowed_methods))
        return Problem("method_not_allowed", f"{request.path} takes {allowed}.", {"Allow": allowed})
    return Problem("not_found", f"There is nothing at {request.path}.")
