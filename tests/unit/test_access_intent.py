"""What somebody should have, and the reason for each library."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

import pytest
from msgspec import structs

from shared.access.intent import Code, Reason, entitled, intended, why
from shared.access.terms import Subscriber
from tests.support.subscribers import ENDED, NONE, OTHER_PLAN, PLAN, RUNS, YESTERDAY, account, person, server

RULES = {2: "deny", 3: "allow", 4: "always", 9: "always"}
ATTIC = server()


@pytest.mark.parametrize(
    ("subscriber", "libraries"),
    [
        (person(), {*()}),
        (person(subscription=RUNS), {1, 2}),
        (person(subscription=RUNS, rules=RULES), {1, 3, 4}),
        (person(rules=RULES), {3, 4}),
        (person(subscription=ENDED, rules=RULES), {4}),
        (person(subscription=structs.replace(ENDED, spared_for=YESTERDAY), rules=RULES), {1, 3, 4}),
        (person(subscription=RUNS, rules=RULES, suspended=True), {4}),
        (person(subscription=RUNS, rules=RULES, state="removed"), {4}),
        (person(subscription=structs.replace(RUNS, plan_id=None), rules=RULES), {3, 4}),
        (person(subscription=structs.replace(RUNS, plan_id=OTHER_PLAN)), {*()}),  # it gives nothing on this server
        (person(subscription=RUNS, managed=False), {*()}),
    ],
)
def test_plan_and_rules_make_what_is_intended(subscriber: Subscriber, libraries: set[int]) -> None:
    assert intended(subscriber, ATTIC) == libraries


def test_what_is_not_there_is_intended_for_nobody() -> None:
    everything = person(subscription=RUNS, rules=dict.fromkeys(range(20), "always"))
    assert intended(everything, server(titles={1: "Movies"})) == {1}
    assert intended(everything, server(titles={})) == NONE


def test_an_expired_person_is_entitled_until_access_was_ended() -> None:
    lapsed = structs.replace(ENDED, ended_for=None)
    assert entitled(person(state="expired", subscription=lapsed))
    assert not entitled(person(state="expired", subscription=ENDED))


REASONS: list[tuple[Code, dict[str, Any], dict[str, Any], int, UUID | None]] = [
    ("library_gone", {"subscription": RUNS}, {}, 9, None),
    ("owner", {"managed": False}, {"role": "owner"}, 1, None),
    ("admin", {"subscription": RUNS}, {"role": "admin"}, 1, None),
    ("account_removed", {"subscription": RUNS}, {"state": "removed"}, 1, None),
    ("unmanaged", {"managed": False}, {}, 1, None),
    ("unmanaged", {"managed": False}, {"state": "pending"}, 1, None),
    ("pending", {"subscription": RUNS}, {"state": "pending"}, 1, None),
    ("rule_always", {"subscription": ENDED, "rules": RULES, "suspended": True}, {}, 4, None),
    ("removed", {"state": "removed", "suspended": True, "subscription": ENDED}, {}, 1, None),
    ("suspended", {"suspended": True, "subscription": ENDED}, {}, 1, None),
    ("ended", {"subscription": ENDED, "rules": RULES}, {}, 3, None),
    ("rule_deny", {"subscription": RUNS, "rules": RULES}, {}, 2, None),
    ("plan", {"subscription": RUNS, "rules": RULES}, {}, 1, PLAN),
    ("plan", {"subscription": RUNS, "rules": {1: "allow"}}, {"state": "wanted"}, 1, PLAN),
    ("rule_allow", {"subscription": RUNS, "rules": RULES}, {"state": "disabled"}, 3, None),
    ("not_in_plan", {"subscription": RUNS}, {}, 5, PLAN),
    ("no_plan", {}, {}, 5, None),
    ("no_plan", {"subscription": structs.replace(RUNS, plan_id=None)}, {}, 1, None),
]


@pytest.mark.parametrize(("code", "of_person", "of_account", "number", "plan_id"), REASONS)
def test_every_library_has_its_reason(
    code: Code, of_person: dict[str, Any], of_account: dict[str, Any], number: int, plan_id: UUID | None
) -> None:
    subscriber = person(**of_person)
    holding = account(subscriber, **of_account)
    assert why(subscriber, holding, number, ATTIC) == Reason(code=code, plan_id=plan_id)


def test_every_code_is_explained_by_an_example() -> None:
    assert {code for code, *_ in REASONS} == set(get_args(Code))
