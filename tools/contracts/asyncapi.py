"""The AsyncAPI 3.0 document: every channel, message and operation, complete in one file."""

from __future__ import annotations

import re
from typing import Any

from shared.contracts import subjects

from .channels import CHANNELS, OPERATIONS, PARAMETERS, VERBS, Channel, Operation
from .messages import ANNOUNCEMENTS, ANSWERS, MESSAGES, TICK_EVENTS, Message, summary, tag
from .schemas import components

Document = dict[str, Any]

DESCRIPTION = """\
Messages are JSON; `type` names the message and its version. Fields that are not described here may be added and are to
be ignored. Times are RFC 3339, UTC. Whoever may connect may subscribe; only the services named here write."""

JOB_TICKS = subjects.job_ticks("{category}", "{job}")
LOG_HEADERS = {
    "Nats-Expected-Last-Subject-Sequence": "The job's last sequence in the tick log; another is refused.",
    "Nats-Expected-Last-Subject-Sequence-Subject": f"All entries of the job: `{JOB_TICKS}`.",
    "Nats-Batch-Id": "The atomic batch that the entry belongs to (NATS ADR-50), if it belongs to one.",
    "Nats-Batch-Sequence": "The number of the entry in its batch, from 1.",
    "Nats-Batch-Commit": "1 on the last entry of a batch.",
}
KEY_HEADERS = {
    "Nats-Expected-Last-Subject-Sequence": "The revision that is replaced, 0 for a new key; another is refused.",
}
COMPARED_WITH_LOG, COMPARED_WITH_KEY = "comparedWithLog", "comparedWithKey"


def document(version: str) -> Document:
    """The whole document, of plain values."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Showrunner",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "nats": {
                "host": "{address}",
                "protocol": "nats",
                "description": "NATS with JetStream, version 2.12 or newer.",
                "variables": {
                    "address": {"default": "127.0.0.1:4222", "description": "Host and port in SHOWRUNNER_NATS_URL."}
                },
            }
        },
        "channels": {
            **{channel.name: _channel(channel) for channel in CHANNELS},
            "answers": _replies("Answers to commands.", [_message_name(answer) for answer in ANSWERS]),
            "announced": _replies("Answers to announcements.", [_message_name(answer) for answer in ANNOUNCEMENTS]),
            "heard": _replies("Answers to cancels.", ["heard"]),
        },
        "operations": {_operation_name(operation): _operation(operation) for operation in OPERATIONS},
        "components": {
            "messages": {**{_message_name(message): _message(message) for message in MESSAGES}, "heard": _heard()},
            "messageTraits": {
                COMPARED_WITH_LOG: _headers(LOG_HEADERS),
                COMPARED_WITH_KEY: _headers(KEY_HEADERS),
            },
            "parameters": {name: _parameter(name, about) for name, about in PARAMETERS.items()},
            "schemas": components(MESSAGES, "#/components/schemas/{name}"),
        },
    }


def _channel(channel: Channel) -> Document:
    described: Document = {
        "address": channel.address,
        "description": channel.about,
        "messages": {name: _ref("components/messages", name) for name in map(_message_name, channel.messages)},
    }
    if names := re.findall(r"\{(\w+)\}", channel.address):
        described["parameters"] = {name: _ref("components/parameters", name) for name in names}
    if channel.stream:
        described["x-jetstream"] = _kept(channel)
    return described


def _kept(channel: Channel) -> Document:
    for bucket in subjects.BUCKETS:
        if channel.stream == subjects.bucket_stream(bucket):
            key = channel.address.removeprefix(subjects.bucket_key(bucket, ""))
            return {"stream": channel.stream, "bucket": bucket, "key": key}
    return {"stream": channel.stream}


def _replies(about: str, messages: list[str]) -> Document:
    """A channel whose subject the asker chooses: the reply subject of the request."""
    return {
        "address": None,
        "description": f"{about} On the reply subject of the request.",
        "messages": {name: _ref("components/messages", name) for name in messages},
    }


def _operation(operation: Operation) -> Document:
    channel = next(channel for channel in CHANNELS if channel.name == operation.channel)
    messages = [_ref(f"channels/{channel.name}/messages", _message_name(message)) for message in channel.messages]
    described: Document = {
        "action": operation.action,
        "channel": _ref("channels", operation.channel),
        "summary": operation.about,
        "messages": messages,
        "tags": [{"name": operation.service}],
        "bindings": {"nats": {"bindingVersion": "0.1.0"}},
    }
    if operation.consumer:
        described["x-jetstream"] = {"consumer": operation.consumer, "ack": "explicit"}
    if operation.answered_on:
        described["reply"] = {"channel": _ref("channels", operation.answered_on)}
    return described


def _operation_name(operation: Operation) -> str:
    return f"{operation.service}.{operation.action}.{operation.channel}"


def _message(message: Message) -> Document:
    described: Document = {
        "name": tag(message),
        "title": message.__name__,
        "summary": summary(message),
        "payload": _ref("components/schemas", message.__name__),
    }
    if message in TICK_EVENTS:
        described["traits"] = [_ref("components/messageTraits", COMPARED_WITH_LOG)]
    elif any(message in channel.messages and "bucket" in _kept(channel) for channel in CHANNELS):
        described["traits"] = [_ref("components/messageTraits", COMPARED_WITH_KEY)]
    return described


def _heard() -> Document:
    return {
        "name": "heard",
        "title": "Heard",
        "summary": "The worker has the run, and stops it.",
        "contentType": "text/plain",
        "payload": {"type": "string", "const": "+"},
    }


def _headers(headers: dict[str, str]) -> Document:
    properties = {name: {"type": "string", "description": about} for name, about in headers.items()}
    return {"headers": {"type": "object", "properties": properties}}


def _parameter(name: str, about: str) -> Document:
    return {"description": about, "enum": VERBS} if name == "verb" else {"description": about}


def _message_name(message: Message) -> str:
    name = message.__name__
    return name[0].lower() + name[1:]


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}
