"""The file of jobs as code: how it is written, how it is read, and what is said of one that can't be used."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.ascode.document import Document, read_document
from services.cli.ascode.entries import ServerEntry
from services.cli.ascode.items import SECTIONS
from services.cli.ascode.places import dotted, line_of, lines_of
from services.cli.ascode.tokens import TokenMissing, token_of, variables
from services.cli.ascode.writing import document
from services.cli.command import UsageError
from tests.support.processes import CHECKOUT

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text('"\\\n\t\r x', max_size=12)
PLAIN = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | WORDS
MOMENTS = st.datetimes(timezones=st.just(UTC))
LEAVES = PLAIN | MOMENTS | st.lists(PLAIN, max_size=3)
TABLES = st.dictionaries(
    WORDS, st.recursive(LEAVES, lambda inner: st.dictionaries(WORDS, inner, max_size=3)), max_size=4
)

FILE = '''\
# comment

[settings.access]
grace_days = 3

[plans."Old gold"]
notes = """
[not.a.head]
days = 1
"""
days = 30
libraries.Attic = [
    "Films",  # and more
]

[[templates]]
event = "expired"
[[templates]]
event = "welcome"
language = "en"
'''


@given(TABLES, st.lists(st.dictionaries(WORDS, PLAIN, min_size=1, max_size=2), min_size=1, max_size=2))
def test_what_is_written_is_read_as_it_was(tables: dict[str, Any], listed: list[dict[str, Any]]) -> None:
    tables = {**tables, "templates": listed}
    assert tomllib.loads(document(tables, {(): "a\n\nhead"})) == tables


def test_it_is_written_for_people() -> None:
    moment = datetime(2030, 1, 31, 18, tzinfo=UTC)
    tables = {"jobs": {"greet": {"until": moment, "none": None}}, "plans": {"G o": {"libraries": {"A": ["x"]}}}}
    assert document({**tables, "text": "a\nb"}, {("jobs", "greet"): "why"}) == (
        'text = """\na\nb"""\n\n# why\n[jobs.greet]\nuntil = 2030-01-31T18:00:00Z\n\n'
        '[plans."G o".libraries]\nA = ["x"]\n'
    )


def test_a_long_list_has_a_line_for_each() -> None:
    titles = [f"library {number}" for number in range(20)]
    text = document({"plans": {"Gold": {"libraries": titles}}}, {})
    assert text.startswith('[plans.Gold]\nlibraries = [\n    "library 0",\n') and text.endswith('"library 19",\n]\n')
    assert tomllib.loads(text)["plans"]["Gold"]["libraries"] == titles


def test_the_file_in_the_documentation_can_be_used() -> None:
    page = (CHECKOUT / "docs" / "jobs-as-code.md").read_text()
    example = read("page", page.split("```toml\n")[1].split("```")[0])
    assert example.sections == set(SECTIONS) and example.plans["Gold"].libraries == {"Attic": ("Films", "Series")}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("settings", "access", "grace_days"), 4),
        (("settings", "access", "missing"), 3),
        (("plans", "Old gold"), 6),
        (("plans", "Old gold", "notes"), 7),
        (("plans", "Old gold", "days"), 11),
        (("plans", "Old gold", "libraries", "Attic"), 12),
        (("templates", 1, "event"), 19),
        (("templates", 1, "language"), 20),
        (("templates", 0, "language"), 16),
        (("nowhere",), 1),
    ],
)
def test_everything_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(lines_of(FILE), path) == line


def test_places_are_said_as_people_count() -> None:
    assert dotted(("templates", 1, "event")) == "templates[2].event"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[jobs", "f.toml, line 1: this is not TOML"),
        ("[jobs.x]\n=", "f.toml, line 2, column 1: this is not TOML"),
        ("[job.x]", "f.toml, line 1, job: there is no such section"),
        ("[jobs.x]\n\nenable = true", "f.toml, line 3, jobs.x.enable: there is no such key"),
        ("[jobs.x]\nenabled = 1", "f.toml, line 2, jobs.x.enabled: Expected `bool`, got `int`"),
        ('[jobs.x]\ninterval = "soon"', "f.toml, line 1, jobs.x: `interval`: 'soon' is not an interval"),
        ("[jobs.x]\npaused = true\npaused_until = 2030-01-31T18:00:00", "f.toml, line 3, jobs.x.paused_until"),
        ("[jobs.x]\npaused_until = 2030-01-31T18:00:00Z", "`paused = true`"),
        ("jobs = 3", "f.toml, line 1, jobs: this has to be a table"),
        ('[servers.A]\nkind = "plex"', "f.toml, line 1, servers.A: Object missing required field `url`"),
        ('[servers.A]\nkind = "plex"\nurl = "x"\ntoken = "t0ps"', "line 4, servers.A.token: a token does not belong"),
        ('[servers.A]\nkind = "plex"\nurl = "x"\ntoken_env = "A"\ntoken_file = "b"', "leave one of them out"),
        ("[plans.P]\ndays = 0", "f.toml, line 2, plans.P.days: "),
        ("[templates]", "f.toml, line 1, templates: write [[templates]]"),
        ("[settings.alarm]", "f.toml, line 1, settings.alarm: there are no such settings"),
        ("[settings.access]\nreminder_days = 40", "f.toml, line 1, settings.access: `reminder_days` must not"),
        (
            '[settings.mail.server]\nhost = "h"\nport = 25\nsecurity = "plain"\nlogin = "none"\n'
            'sender = "a@example.org"\npasword = "t0ps"',
            "f.toml, line 7, settings.mail.server.pasword: there is no such key",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read("f.toml", text)
    assert said in str(caught.value) and "t0ps" not in str(caught.value)


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    template = '[[templates]]\nevent = "expired"\nlanguage = "en"\nsubject = "s"\ntext = "t"\n'
    with pytest.raises(UsageError) as caught:
        read("f.toml", f"{template}{template}[jobs.x]\nenabled = 1\n[plans.P]\ndays = 0\n")
    lines = str(caught.value).splitlines()
    assert [line.split(", ")[1] for line in lines] == ["line 6", "line 12", "line 14"]
    assert "another template for expired 0 en" in lines[0]


def test_tokens_come_from_where_the_entry_says(folder: Path) -> None:
    (folder / "token").write_text("from a file\n")
    by_file, by_env = entry(token_file="token"), entry(token_env="ATTIC_TOKEN")
    assert token_of(by_file, {}, folder).reveal() == "from a file"
    assert token_of(by_env, {"ATTIC_TOKEN": " from outside "}, folder).reveal() == "from outside"
    for lacking, said in (
        (by_env, "ATTIC_TOKEN is not set"),
        (entry(token_file="x"), "can't be read"),
        (entry(), "add"),
    ):
        with pytest.raises(TokenMissing, match=said):
            token_of(lacking, {"ATTIC_TOKEN": ""}, folder)


def test_each_server_has_a_variable_of_its_own() -> None:
    named = variables(["The Attic", "the-attic", "4k", "ä"])
    assert list(named.values()) == ["THE_ATTIC_TOKEN", "THE_ATTIC_2_TOKEN", "SERVER_4K_TOKEN", "SERVER_TOKEN"]


def read(name: str, text: str) -> Document:
    return read_document(name, text.encode())


def entry(**given: str) -> ServerEntry:
    return ServerEntry(kind="plex", url="http://attic", **given)  # type: ignore[arg-type]
