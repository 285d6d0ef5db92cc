"""People as a table: what is written can be read, and what a table would change is told before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.table.cells import COLUMNS, BadTable, Line, guarded, read, unguarded, written
from services.gateway.table.comparison import Comparison, compare
from services.gateway.table.terms import Plan

TODAY = date(2026, 3, 2)
FAMILY = Plan(id=UUID(int=1), name="Family", days=30)
ALWAYS = Plan(id=UUID(int=2), name="Always", days=None)
MARA, NOAH = str(UUID(int=11)), str(UUID(int=12))


def person(id: str, name: str, **cells: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"id": id, "name": name} | cells


PEOPLE = (
    person(MARA, "Mara", email="mara@example.org", plan="Family", expires_on="2026-04-01", lifetime="no"),
    person(NOAH, "Noah", lifetime="yes"),
)


def compared(*lines: Mapping[str, str], people: Sequence[Mapping[str, str]] = PEOPLE) -> Comparison:
    numbered = [Line(number=number, cells=cells) for number, cells in enumerate(lines, 2)]
    return compare(numbered, people, (FAMILY, ALWAYS), TODAY)


def outcomes(comparison: Comparison) -> list[str]:
    return [difference.outcome for difference in comparison.differences]


def changed(comparison: Comparison) -> dict[str, tuple[str, str]]:
    (difference,) = comparison.differences
    return {change.field: (change.before, change.after) for change in difference.changes}


TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(str.strip)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, TEXT)), max_size=5))
def test_what_is_written_is_read(rows: list[dict[str, str]]) -> None:
    rows = [row | {"name": "x"} for row in rows]
    assert [line.cells for line in read(written(rows))] == rows


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}" and unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Mara", "'", "'quoted'", "a=b", "1-1"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell == unguarded(cell)


def test_a_table_from_a_spreadsheet_is_read() -> None:
    text = '\ufeffName , EMAIL\r\n"Mara, B.",mara@example.org\r\n\r\n,\r\n"two\r\nlines",\u2028x\r\n'
    lines = read(text)
    assert [line.cells["name"] for line in lines] == ["Mara, B.", "two\r\nlines"]
    assert [line.number for line in lines] == [2, 6]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (" \n,\n", "is empty"),
        ("name,colour\n", "no column 'colour'"),
        ("name,Name\n", "'name' is there twice"),
        ("email\n", "`name` or `id`"),
        ("name,email\nMara,a@b,c\n", "Line 2 has 3 cells"),
        ('name\n"Mara\n', "can't be read"),
    ],
)
def test_what_is_no_table_is_named(text: str, complaint: str) -> None:
    with pytest.raises(BadTable, match=complaint):
        read(text)


@pytest.mark.parametrize(
    ("cells", "id"),
    [
        ({"id": MARA}, MARA),
        ({"id": MARA.upper(), "name": "Somebody"}, MARA),
        ({"name": "Any", "email": "MARA@example.org"}, MARA),
        ({"name": "Noah"}, NOAH),
        ({"name": "Noah", "email": "noah@example.org"}, NOAH),
        ({"name": "Mara", "email": "another@example.org"}, None),
        ({"name": "Otto"}, None),
    ],
)
def test_a_line_finds_its_person(cells: dict[str, str], id: str | None) -> None:
    (difference,) = compared(cells).differences
    assert difference.person_id == (UUID(id) if id else None)
    assert (difference.outcome == "added") == (id is None)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"id": MARA}, {}),
        ({"id": MARA, "email": "", "plan": "", "expires_on": "", "lifetime": ""}, {}),
        ({"id": MARA, "notes": "new"}, {"notes": ("", "new")}),
        ({"id": MARA, "plan": "Family", "expires_on": "2026-04-01", "lifetime": "NO"}, {}),
        ({"id": MARA, "plan": "Always"}, {"plan": ("Family", "Always")}),
        ({"id": MARA, "expires_on": "2026-05-01"}, {"expires_on": ("2026-04-01", "2026-05-01")}),
        ({"id": MARA, "lifetime": "yes"}, {"expires_on": ("2026-04-01", ""), "lifetime": ("no", "yes")}),
        ({"id": NOAH, "lifetime": "1"}, {}),
        ({"id": NOAH, "plan": "Family"}, {"plan": ("", "Family")}),
        ({"id": NOAH, "plan": "Family", "lifetime": "no"},
         {"plan": ("", "Family"), "expires_on": ("", "2026-04-01"), "lifetime": ("yes", "no")}),
        ({"name": "Otto", "plan": "Family"},
         {"name": ("", "Otto"), "plan": ("", "Family"), "expires_on": ("", "2026-04-01"), "lifetime": ("", "no")}),
        ({"name": "Otto", "plan": "Always"},
         {"name": ("", "Otto"), "plan": ("", "Always"), "lifetime": ("", "yes")}),
        ({"name": "Otto", "expires_on": "2026-03-01"},
         {"name": ("", "Otto"), "expires_on": ("", "2026-03-01"), "lifetime": ("", "no")}),
    ],
)  # fmt: skip
def test_what_a_line_changes_is_told(cells: dict[str, str], expected: dict[str, tuple[str, str]]) -> None:
    comparison = compared(cells)
    assert changed(comparison) == expected
    assert len(comparison.steps) == bool(expected)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": "17"}, "no person with the id 17"),
        ({"id": str(UUID(int=99))}, "no person with the id"),
        ({"name": "", "email": "new@example.org"}, "neither `id` nor `name`"),
        ({"name": "Otto", "email": "nowhere"}, "`email` is no e-mail address"),
        ({"name": "Otto", "plan": "Gold"}, "no plan named 'Gold'"),
        ({"name": "Otto", "expires_on": "1.2.2030"}, "`expires_on` is no day"),
        ({"name": "Otto", "expires_on": "20300201"}, "`expires_on` is no day"),
        ({"name": "Otto", "expires_on": "3000-01-01"}, "`expires_on` is no day"),
        ({"name": "Otto", "lifetime": "maybe"}, "`lifetime` is yes or no"),
        ({"name": "Otto", "lifetime": "yes", "expires_on": "2030-01-01"}, "exclude each other"),
        ({"name": "Otto", "lifetime": "no"}, "`expires_on` has to say until when"),
        ({"id": NOAH, "lifetime": "no"}, "`expires_on` has to say until when"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(cells: dict[str, str], reason: str) -> None:
    comparison = compared(cells)
    (difference,) = comparison.differences
    assert difference.outcome == "error" and reason in difference.reason and not comparison.steps


def test_nobody_is_changed_twice_or_added_twice() -> None:
    comparison = compared({"id": MARA, "notes": "a"}, {"name": "x", "email": "mara@example.org"},
                          {"name": "Otto"}, {"name": "Otto"})  # fmt: skip
    assert outcomes(comparison) == ["changed", "error", "added", "error"]
    assert comparison.differences[1].reason == "line 2 is about the same person"


def test_namesakes_have_to_be_told_apart() -> None:
    people = (person(MARA, "Kim"), person(NOAH, "Kim", email="kim@example.org"))
    assert outcomes(compared({"name": "Kim"}, people=people)) == ["error"]
    (found,) = compared({"name": "Kim", "email": "new@example.org"}, people=people).differences
    assert found.person_id == UUID(MARA)


def test_the_digest_is_that_of_the_report() -> None:
    lines: tuple[dict[str, Any], ...] = ({"id": MARA, "notes": "a"}, {"name": "Otto"})
    assert compared(*lines).digest == compared(*lines).digest
    assert compared(*lines).digest != compared(*lines, people=PEOPLE[1:]).digest
    assert compared(*lines).digest != compared(lines[0]).digest
