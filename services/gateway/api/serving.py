"""From the table of routes to a web application: who calls, may they, what do they give, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict, CIMultiDictProxy

from ..asking import CommandRefused, SchedulerUnreachable
from ..auth.origin import SAFE_METHODS, same_origin
from ..context import Gateway
from ..page import Page
from ..store.accounts import Session
from ..store.database import DatabaseUnreachable
from .cookies import session_token
from .headers import SECURITY
from .problems import CONTENT_TYPE, Problem
from .reading import LARGEST_BODY, read
from .route import Call, Json, Route

log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode

_JSON_HEADERS = CIMultiDictProxy(CIMultiDict({**SECURITY, "Content-Type": "application/json"}))


def build(gateway: Gateway, routes: Sequence[Route[Any]]) -> web.Application:
    """The application that serves these routes, and the page that uses them."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_unrouted(gateway)])
    for route in routes:
        app.router.add_route(route.method, route.path, _handler(gateway, route))
    Page().add_to(app)
    return app


def _handler(gateway: Gateway, route: Route[Any]) -> Handler:
    measured = gateway.metrics.requests.labels(route.method, route.path).observe

    async def handle(request: web.Request) -> web.StreamResponse:
        started = perf_counter()
        try:
            return await _serve(gateway, route, request)
        except ConnectionResetError:
            raise  # the client has gone: nobody is left to be told anything
        except Exception as error:
            return _problem_answer(gateway, request, _problem(error, request))
        finally:
            measured(perf_counter() - started)

    return handle


async def _serve(gateway: Gateway, route: Route[Any], request: web.Request) -> web.StreamResponse:
    # What anyone may ask needs no session, and so answers while Postgres is away.
    session = None if route.role == "anyone" else await _session(gateway, request)
    changes = request.method not in SAFE_METHODS
    if changes and not same_origin(request.headers):
        raise Problem("cross_origin", "A page of another site can't change anything here.")
    if not route.allows(session.role if session else None):
        if session is None:
            raise Problem("unauthenticated", "Log in first: POST /api/session.")
        raise Problem("forbidden", f"This takes the role {route.role}; yours is {session.role}.")
    if changes and session and gateway.trail.full:
        raise Problem("audit_unavailable")
    call = Call(gateway, request, session.account if session else "", session.role if session else None)
    return _answer(route, await route.handler(call, await read(route, request)))


async def _session(gateway: Gateway, request: web.Request) -> Session | None:
    token = session_token(request)
    if not token:
        return None
    return gateway.sessions.known(token) or await gateway.sessions.find(token)


def _answer(route: Route[Any], given: object) -> web.StreamResponse:
    if isinstance(given, web.StreamResponse):
        if not given.prepared:
            given.headers.update(SECURITY)
        return given
    if given is None:
        return web.Response(status=204, headers=SECURITY)
    body = given.body if isinstance(given, Json) else _encode(given)
    return web.Response(body=body, status=route.status, headers=_JSON_HEADERS)


def _problem(error: Exception, request: web.Request) -> Problem:
    match error:
        case Problem():
            return error
        case CommandRefused():
            return Problem(error.code, error.detail)
        case SchedulerUnreachable():
            return Problem("scheduler_unreachable", str(error))
        case DatabaseUnreachable():
            return Problem("database_unreachable", "The database does not answer now. Try again in a moment.")
        case _:
            log.exception("request_failed", method=request.method, path=request.path, exc_info=error)
            return Problem("internal_error")


def _problem_answer(gateway: Gateway, request: web.Request, problem: Problem) -> web.Response:
    gateway.metrics.problems.labels(problem.code).inc()
    headers = {**SECURITY, **problem.headers, "Content-Type": CONTENT_TYPE}
    return web.Response(body=problem.body(), status=problem.status, headers=headers)


def _unrouted(gateway: Gateway) -> Middleware:
    @web.middleware
    async def answer_unrouted(request: web.Request, handler: Handler) -> web.StreamResponse:
        missed = request.match_info.http_exception
        if missed is None:
            return await handler(request)
        try:
            session = await _session(gateway, request)
        except DatabaseUnreachable:
            session = None
        if session is None:
            problem = Problem("unauthenticated", "Log in first: POST /api/session.")
        elif isinstance(missed, web.HTTPMethodNotAllowed):
            allowed = ", ".join(sorted(missed.allowed_methods))
            problem = Problem("method_not_allowed", f"{request.path} takes {allowed}.", {"Allow": allowed})
        else:
            problem = Problem("not_found", f"There is nothing at {request.path}.")
        return _problem_answer(gateway, request, problem)

    return answer_unrouted
