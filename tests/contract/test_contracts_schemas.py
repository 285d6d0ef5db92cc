"""What is said on NATS is what the JSON Schemas promise, whatever the values."""

from __future__ import annotations

import importlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from msgspec import Struct

import shared.contracts
from shared.contracts import codec, subjects
from shared.contracts.commands import Answer, CancelRun, Command
from shared.contracts.controls import Control
from shared.contracts.feed import Feed, Leader
from shared.contracts.reports import Report, Reports
from shared.contracts.resources import Holding, Occupied
from shared.contracts.specs import Spec
from shared.contracts.ticks import Tick, TickEvent
from tests.support.structs import structs
from tools.contracts.messages import COMMANDS, MESSAGES, Message, summary, tag, verb
from tools.contracts.schemas import schema_of

VERSIONED = re.compile(r"[a-z_]+\.v[1-9][0-9]*")

# There are many structs, and the machine may be busy.
few = settings(max_examples=20, deadline=None)

formats = FormatChecker(["uuid"])


@formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """A format says something of texts alone (JSON Schema 2020-12, Validation, 7.2.1)."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def validator(message: Message) -> Draft202012Validator:
    return Draft202012Validator(schema_of(message), format_checker=formats)


def on_the_wire(value: Struct) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(codec.encode(value))
    return decoded


@pytest.mark.parametrize("message", MESSAGES, ids=tag)
def test_the_schema_is_one(message: Message) -> None:
    Draft202012Validator.check_schema(schema_of(message))


@pytest.mark.parametrize("message", MESSAGES, ids=tag)
@few
@given(data=st.data())
def test_what_is_encoded_keeps_to_the_schema_and_is_read_back(message: Message, data: st.DataObject) -> None:
    value = data.draw(structs(message))
    validator(message).validate(on_the_wire(value))
    assert msgspec.json.decode(codec.encode(value), type=message) == value


@pytest.mark.parametrize("message", MESSAGES, ids=tag)
@few
@given(data=st.data())
def test_a_newer_writer_may_add_fields(message: Message, data: st.DataObject) -> None:
    value = data.draw(structs(message))
    newer = on_the_wire(value) | {"added_in_a_later_version": {"anything": [1, 2]}}
    validator(message).validate(newer)
    assert msgspec.json.decode(msgspec.json.encode(newer), type=message) == value


@pytest.mark.parametrize("message", MESSAGES, ids=tag)
@few
@given(data=st.data())
def test_another_version_is_not_taken_for_this_one(message: Message, data: st.DataObject) -> None:
    other = on_the_wire(data.draw(structs(message))) | {"type": tag(message).replace(".v", ".v9")}
    with pytest.raises(ValidationError):
        validator(message).validate(other)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(other), type=message)


@pytest.mark.parametrize("message", MESSAGES, ids=tag)
@few
@given(data=st.data())
def test_what_the_schema_requires_the_decoder_requires(message: Message, data: st.DataObject) -> None:
    value = on_the_wire(data.draw(structs(message)))
    required = [field.encode_name for field in msgspec.structs.fields(message) if field.required]
    for name in required:
        less = {key: inner for key, inner in value.items() if key != name}
        assert not validator(message).is_valid(less)
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(msgspec.json.encode(less), type=message)


def test_a_time_without_a_zone_is_no_time() -> None:
    tick = {"type": "tick.v1", "run": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "job": "j", "category": "c"}
    tick |= {"trigger": "manual"}
    assert validator(Tick).is_valid(tick | {"fired_at": "2030-01-31T18:00:00Z"})
    assert not validator(Tick).is_valid(tick | {"fired_at": "2030-01-31T18:00:00"})
    assert not validator(Tick).is_valid(tick | {"fired_at": "tomorrow"})


def test_every_tagged_struct_is_a_message_or_part_of_one() -> None:
    described = {name for message in MESSAGES for name in (message.__name__, *schema_of(message).get("$defs", {}))}
    tagged = {
        struct.__name__
        for path in Path(shared.contracts.__file__).parent.glob("*.py")
        for struct in vars(importlib.import_module(f"shared.contracts.{path.stem}")).values()
        if isinstance(struct, type) and issubclass(struct, Struct) and struct.__struct_config__.tag is not None
    }
    assert tagged <= described


def test_messages_and_reports_carry_their_version_and_a_description() -> None:
    for message in (*MESSAGES, *Report.__args__):
        assert VERSIONED.fullmatch(tag(message))
        assert summary(message).endswith("."), f"{message.__name__} needs a docstring: it goes into the documents"
    tags = [tag(message) for message in MESSAGES]
    assert len(set(tags)) == len(tags)


def test_a_subject_carries_the_verb_of_its_command() -> None:
    for command in COMMANDS:
        assert subjects.command(verb(command)) == f"commands.{tag(command).removesuffix('.v1')}"


@few
@given(data=st.data())
@pytest.mark.parametrize(
    ("decode", "kinds"),
    [
        (codec.decode_tick, (Tick,)),
        (codec.decode_tick_event, TickEvent.__args__),
        (codec.decode_reports, (Reports,)),
        (codec.decode_spec, (Spec,)),
        (codec.decode_control, (Control,)),
        (codec.decode_command, Command.__args__),
        (codec.decode_answer, Answer.__args__),
        (codec.decode_cancel, (CancelRun,)),
        (codec.decode_feed, (Feed,)),
        (codec.decode_leader, (Leader,)),
        (codec.decode_holding, (Holding,)),
        (codec.decode_occupied, (Occupied,)),
    ],
)
def test_each_decoder_reads_what_is_said_to_it(decode: Any, kinds: tuple[Message, ...], data: st.DataObject) -> None:
    value = data.draw(st.one_of(*map(structs, kinds)))
    assert decode(codec.encode(value)) == value
