"""What the gateway works out of a server's accounts, and what it refuses with."""

from __future__ import annotations

from services.gateway.api.refusals import refusal
from services.gateway.outlook import look_out, outlook_of
from shared.access.terms import AccessPolicy
from shared.directory import errors
from shared.directory.errors import DirectoryError
from tests.support.subscribers import NONE, RUNS, account, person, server

POLICY = AccessPolicy()


def test_what_nobody_decided_about_has_no_intention() -> None:
    decided, found, boss = person(1, subscription=RUNS), person(2, managed=False), person(3, subscription=RUNS)
    holdings = (account(decided), account(found, observed=frozenset({3})), account(boss, role="owner"))
    servings = server(*zip((decided, found, boss), holdings, strict=True))
    outlooks = {account.person.id: account for account in look_out(servings, POLICY).accounts}
    assert outlooks[decided.id].intended == frozenset({1, 2})
    decision = outlooks[decided.id].decision
    assert decision is not None and (decision.give, decision.take) == (frozenset({1, 2}), NONE)
    for left in (found, boss):
        assert outlooks[left.id].intended is None and outlooks[left.id].decision is None


def test_accounts_stand_by_the_names_of_their_people() -> None:
    people = [person(number, name=name) for number, name in enumerate(("Otto", "Mara", "Noah"))]
    servings = server(*((someone, account(someone)) for someone in people))
    assert [account.person.name for account in look_out(servings, POLICY).accounts] == ["Mara", "Noah", "Otto"]
    assert outlook_of(servings.holdings[0], servings, POLICY).person.name == "Otto"


def test_whatever_the_directory_refuses_has_a_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DirectoryError)]
    untold = {kind for kind in kinds if refusal(kind("There is none")) is None}
    # No call of the API observes servers, or asks a Shoko Server on behalf of another.
    assert untold == {DirectoryError, errors.Doubtful, errors.NoShoko}
    told = refusal(errors.NoSuchPerson("There is no person 7"))
    assert told is not None and (told.code, told.detail) == ("person_unknown", "There is no person 7.")
