"""From an error to the problem that a caller is told of."""

from __future__ import annotations

import structlog
from aiohttp import web

from ..asking import CommandRefused
from ..auth.tokens import BadToken
from ..context import Gateway
from ..store.database import DatabaseUnreachable
from .headers import SECURITY
from .problems import BAD_TOKEN_CHALLENGE, CONTENT_TYPE, Problem
from .refusals import refusal

log = structlog.get_logger()


def problem_of(error: Exception, method: str, path: str) -> Problem:
    """What the caller is told; of what says nothing to callers the log has the details, by `method` and `path`."""
    match error:
        case Problem():
            return error
        case BadToken():
            return Problem("unauthenticated", str(error), BAD_TOKEN_CHALLENGE)
        case CommandRefused():
            return Problem(error.code, error.detail)
        case DatabaseUnreachable():
            return Problem("database_unreachable", "The database does not answer now. Try again in a moment.")
        case _ if (refused := refusal(error)) is not None:
            return refused
        case _:
            log.exception("request_failed", method=method, path=path, exc_info=error)
            return Problem("internal_error")


def problem_answer(gateway: Gateway, problem: Problem) -> web.Response:
    """The answer that says so, and counts."""
    gateway.metrics.problem(problem.code)
    headers = {**SECURITY, **problem.headers, "Content-Type": CONTENT_TYPE}
    return web.Response(body=problem.body(), status=problem.status, headers=headers)
