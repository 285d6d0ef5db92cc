"""The AsyncAPI document is whole, and says of subjects what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts import subjects
from shared.messaging.streams import Retention, stream_configs
from tools.contracts.asyncapi import document
from tools.contracts.channels import CHANNELS, OPERATIONS, Channel
from tools.contracts.messages import COMMANDS, MESSAGES, tag, verb

DOCUMENT = document("1.2.3")

# What the AsyncAPI 3.0.0 specification asks of its objects, so far as the document has them.
REQUIRED = {
    "": {"asyncapi", "info"},
    "info": {"title", "version"},
    "servers/*": {"host", "protocol"},
    "operations/*": {"action", "channel"},
    "operations/*/tags/*": {"name"},
}
ALLOWED = {
    "": {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"},
    "info": {"title", "version", "description", "termsOfService", "contact", "license", "tags", "externalDocs"},
    "servers/*": {"host", "protocol", "protocolVersion", "pathname", "description", "variables", "security", "tags"},
    "channels/*": {"address", "messages", "title", "summary", "description", "servers", "parameters", "bindings"},
    "operations/*": {"action", "channel", "title", "summary", "description", "security", "tags", "bindings", "traits",
                     "messages", "reply"},
    "operations/*/reply": {"address", "channel", "messages"},
    "operations/*/bindings/nats": {"queue", "bindingVersion"},
    "components": {"schemas", "messages", "parameters", "messageTraits"},
    "components/messages/*": {"headers", "payload", "correlationId", "contentType", "name", "title", "summary",
                              "description", "bindings", "examples", "traits"},
    "components/messageTraits/*": {"headers", "contentType", "name", "title", "summary", "description"},
    "components/parameters/*": {"enum", "default", "description", "examples", "location"},
}  # fmt: skip


def at(pattern: str, value: Any = DOCUMENT) -> Iterator[Any]:
    """All objects at a path, in which `*` is any key."""
    step, _, rest = pattern.partition("/")
    if not step:
        yield value
    elif step == "*":
        for inner in value if isinstance(value, list) else value.values():
            yield from at(rest, inner)
    elif step in value:
        yield from at(rest, value[step])


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(target := value.get("$ref"), str):
            yield target
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolved(reference: str) -> Any:
    place, _, path = reference.partition("#/")
    assert not place, f"{reference} leads out of the document"
    value: Any = DOCUMENT
    for step in path.split("/"):
        value = value[step]
    return value


def payloads(operation: dict[str, Any]) -> list[str]:
    """The tags of what an operation sends or receives."""
    return [resolved(resolved(message["$ref"])["$ref"])["name"] for message in operation["messages"]]


@pytest.mark.parametrize("pattern", REQUIRED)
def test_nothing_required_is_missing(pattern: str) -> None:
    found = list(at(pattern))
    assert found
    assert [sorted(REQUIRED[pattern] - each.keys()) for each in found if REQUIRED[pattern] - each.keys()] == []


@pytest.mark.parametrize("pattern", ALLOWED)
def test_nothing_unknown_is_there(pattern: str) -> None:
    found = list(at(pattern))
    assert found
    for each in found:
        unknown = {key for key in each if not key.startswith("x-")} - ALLOWED[pattern]
        assert unknown == set()


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        assert isinstance(resolved(reference), dict)


def test_schemas_are_schemas() -> None:
    for schema in at("components/schemas/*"):
        Draft202012Validator.check_schema(schema)


def test_every_message_stands_on_a_channel_and_none_but_ours() -> None:
    spoken = {resolved(reference["$ref"])["name"] for reference in at("channels/*/messages/*")}
    assert spoken == {tag(message) for message in MESSAGES} | {"heard"}


def test_an_operation_handles_what_its_channel_carries() -> None:
    for operation in at("operations/*"):
        carried = resolved(operation["channel"]["$ref"])["messages"]
        assert operation["action"] in {"send", "receive"}
        assert {message["$ref"].rpartition("/")[2] for message in operation["messages"]} <= carried.keys()


def test_parameters_are_those_in_the_address() -> None:
    for channel in at("channels/*"):
        assert set(re.findall(r"\{(\w+)\}", channel["address"] or "")) == set(channel.get("parameters", {}))


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_what_is_said_to_be_kept_is_kept_by_that_stream(channel: Channel) -> None:
    subject = re.sub(r"\{\w+\}", "token", channel.address)
    keeping = [
        declared["name"]
        for declared in stream_configs(Retention())
        if any(covers(pattern, subject) for pattern in declared["subjects"])
    ]
    assert keeping == ([channel.stream] if channel.stream else [])


UNLIKE = (subjects.LEASES, subjects.RESOURCES)
"""Buckets whose keys are no jobs."""


def test_every_subject_of_the_code_is_a_channel() -> None:
    said = {channel.address for channel in CHANNELS}
    assert said == {
        subjects.slot_tick("{category}", "{job}"),
        subjects.manual_tick("{category}", "{job}"),
        subjects.slot_skip("{category}", "{job}"),
        subjects.reports("{category}", "{worker}"),
        subjects.command("{verb}"),
        subjects.cancels("{category}"),
        subjects.FEED,
        subjects.ANNOUNCE,
        subjects.announcing("{category}"),
        *(subjects.bucket_key(bucket, "{job}") for bucket in subjects.BUCKETS if bucket not in UNLIKE),
        subjects.bucket_key(subjects.LEASES, subjects.LEADER_KEY),
        subjects.bucket_key(subjects.RESOURCES, "{resource}"),
        subjects.bucket_key(subjects.RESOURCES, subjects.outside_key("{resource}")),
    }


def test_each_entry_of_the_tick_log_is_compared_and_taken_as_the_subjects_say() -> None:
    ticks = [channel.address for channel in CHANNELS if channel.stream == subjects.TICKS]
    assert all(covers(subjects.job_ticks("{category}", "{job}"), address) for address in ticks)
    taken = [resolved(operation["channel"]["$ref"])["address"] for operation in DOCUMENT["operations"].values()
             if operation.get("x-jetstream", {}).get("consumer") == subjects.workers_of("{category}")]  # fmt: skip
    assert [address.replace("{job}", "*") for address in taken] == list(subjects.runnable_ticks("{category}"))


def test_commands_are_told_apart_by_their_verb() -> None:
    assert DOCUMENT["components"]["parameters"]["verb"]["enum"] == [verb(command) for command in COMMANDS]


def test_each_channel_is_written_by_somebody_and_heard_by_somebody() -> None:
    for channel in CHANNELS:
        does = {operation.action for operation in OPERATIONS if operation.channel == channel.name}
        assert does >= {"send", "receive"}


def test_commands_are_answered() -> None:
    answered = DOCUMENT["operations"]["gateway.send.commands"]["reply"]["channel"]["$ref"]
    assert {resolved(message["$ref"])["name"] for message in resolved(answered)["messages"].values()} == {
        "done.v1", "refused.v1"
    }  # fmt: skip
    assert len(payloads(DOCUMENT["operations"]["gateway.send.commands"])) == len(COMMANDS)


def covers(pattern: str, subject: str) -> bool:
    """Whether a NATS subject matches a pattern: `*` is one token, `>` at the end is one or more."""
    expression = re.escape(pattern).replace(r"\*", r"[^.]+").replace(r"\>", ">")
    expression = re.sub(r">$", ".+", expression)
    return re.fullmatch(expression, subject) is not None
