"""JSON Schemas (draft 2020-12) of the structs, as other languages need them."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

import msgspec
from msgspec import inspect

from .messages import Message, tag

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schema_of(message: Message) -> Schema:
    """The schema of one message, complete in itself. Fields that it does not name are allowed."""
    parts = components([message], "#/$defs/{name}")
    own = parts.pop(message.__name__)
    schema = {"$schema": DIALECT, "$id": f"urn:showrunner:{tag(message)}", **own}
    return {**schema, "$defs": parts} if parts else schema


def components(messages: Iterable[Message], ref_template: str) -> dict[str, Schema]:
    """The schemas of these messages and of all that they are made of, by the name of the struct."""
    found = list(messages)
    _, schemas = msgspec.json.schema_components(found, ref_template=ref_template)
    for struct in _structs(inspect.multi_type_info(found)):
        _date(struct, schemas[struct.cls.__name__])
    return {name: _tidied(schema) for name, schema in sorted(schemas.items())}


def _structs(types: Iterable[inspect.Type]) -> Iterable[inspect.StructType]:
    seen: dict[type, inspect.StructType] = {}
    waiting = list(types)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType):
            if kind.cls not in seen:
                seen[kind.cls] = kind
                waiting += [field.type for field in kind.fields]
        elif isinstance(kind, inspect.UnionType):
            waiting += kind.types
        elif isinstance(kind, inspect.VarTupleType):
            waiting.append(kind.item_type)
    return seen.values()


def _date(struct: inspect.StructType, schema: Schema) -> None:
    """Say which texts are moments: msgspec leaves that out, since it reads a time without a zone, too."""
    for field in struct.fields:
        kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        if any(isinstance(kind, inspect.DateTimeType) for kind in kinds):
            shape = schema["properties"][field.encode_name]
            for text in shape.get("anyOf", [shape]):
                if text["type"] == "string":
                    text["format"] = "date-time"


def _tidied(value: Any) -> Any:
    # `discriminator` is OpenAPI's word, and AsyncAPI's for something else; the tags tell the structs apart without it.
    if isinstance(value, dict):
        tidied = {key: _tidied(inner) for key, inner in value.items() if key != "discriminator"}
        if isinstance(description := tidied.get("description"), str):
            tidied["description"] = cleandoc(description)
        return tidied
    if isinstance(value, list):
        return [_tidied(inner) for inner in value]
    return value
