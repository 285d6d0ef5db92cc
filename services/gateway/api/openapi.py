"""The OpenAPI 3.1 document, made from the table of routes and the structs that it names."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from .cookies import NAME as COOKIE
from .problems import CONTENT_TYPE, KINDS, Code, ProblemBody
from .route import Call, Json, Nothing, Route, Stream

VERSION = "1"
PREFIX = "#/components/schemas/"


def with_document(routes: Iterable[Route[Any]]) -> tuple[Route[Any], ...]:
    """These routes, and the one that shows their document, in which it stands too."""

    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(document(table))

    async def show_document(call: Call, _: Nothing) -> Json:
        return Json(encoded())

    shown = Route(
        method="GET",
        path="/api/openapi.json",
        handler=show_document,
        takes=Nothing,
        gives=dict[str, Any],
        role="viewer",
        does="This document.",
    )
    table = (shown, *routes)
    return table


def document(routes: Collection[Route[Any]]) -> dict[str, Any]:
    """The whole document, of plain values."""
    _, components = msgspec.json.schema_components(_named_types(routes), ref_template=PREFIX + "{name}")
    for schema in components.values():
        if "description" in schema:
            # Python before 3.13 keeps a docstring's indentation.
            schema["description"] = inspect.cleandoc(schema["description"])
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in routes:
        paths[route.path][route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Showrunner",
            "version": VERSION,
            "description": "Times are RFC 3339, UTC. Lists are paged: `next` of one page is `after` of the following "
            "one. Unknown fields and query parameters are refused.",
        },
        "paths": dict(paths),
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _named_types(routes: Iterable[Route[Any]]) -> list[Any]:
    taken = [route.takes for route in routes if route.takes_body and route.takes not in (Nothing, Stream)]
    return [*taken, *(route.gives for route in routes if _is_struct(route.gives)), ProblemBody]


def _operation(route: Route[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "tags": [route.path.removeprefix("/api").split("/")[1].partition(".")[0]],
        "summary": route.does,
        "description": _who_may(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {str(route.status): _answer(route), **_problem_answers(route)},
    }
    if route.role != "anyone":
        operation["security"] = [{"session": []}, {"token": []}]
    if route.takes is Stream:
        file = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": file}}}
    elif route.takes_body and route.takes is not Nothing:
        operation["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(route.takes)),
            "content": {"application/json": {"schema": _reference(route.takes)}},
        }
    return operation


def _who_may(route: Route[Any]) -> str:
    return "Anyone may." if route.role == "anyone" else f"Takes the role {route.role}."


def _path_parameters(route: Route[Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(route: Route[Any]) -> list[dict[str, Any]]:
    if route.takes_body:
        return []
    hints = get_type_hints(route.takes, include_extras=True)
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": msgspec.json.schema(hints[field.name]),
        }
        for field in msgspec.structs.fields(route.takes)
    ]


def _answer(route: Route[Any]) -> dict[str, Any]:
    if route.gives is None:
        return {"description": "Done."}
    if isinstance(route.gives, str):
        return {"description": route.does, "content": {route.gives: {"schema": {"type": "string"}}}}
    schema = _reference(route.gives) if _is_struct(route.gives) else {"type": "object"}
    return {"description": route.does, "content": {"application/json": {"schema": schema}}}


def _problem_answers(route: Route[Any]) -> dict[str, Any]:
    by_status: dict[int, list[Code]] = defaultdict(list)
    for code in [*_common_problems(route), *route.problems]:
        if code not in by_status[KINDS[code].status]:
            by_status[KINDS[code].status].append(code)
    return {
        str(int(status)): {
            "description": "\n".join(f"- `{code}`: {KINDS[code].meaning}" for code in codes),
            "content": {CONTENT_TYPE: {"schema": _reference(ProblemBody)}},
        }
        for status, codes in sorted(by_status.items())
    }


def _common_problems(route: Route[Any]) -> list[Code]:
    codes: list[Code] = ["bad_body", "body_too_large"] if route.takes_body else ["unknown_parameter"]
    if route.takes is Stream:
        codes = ["unknown_parameter"]
    if not route.takes_body and route.takes is not Nothing:
        codes.append("bad_parameter")
    if route.method != "GET":
        codes.append("cross_origin")
    if route.role != "anyone":
        codes += ["unauthenticated", "forbidden"]
    return codes


def _reference(struct: type[Struct]) -> dict[str, str]:
    return {"$ref": PREFIX + struct.__name__}


def _is_struct(gives: Any) -> bool:
    return inspect.isclass(gives) and issubclass(gives, Struct)
