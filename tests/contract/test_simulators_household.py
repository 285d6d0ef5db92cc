"""The household: deterministic, of the size asked for, and believable."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from tests.simulators.household import Household, make_household

pytestmark = pytest.mark.contract


def test_the_same_seed_makes_the_same_household() -> None:
    first, second = make_household(seed=7), make_household(seed=7)
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    assert first != make_household(seed=8)


def test_the_usual_size() -> None:
    household = make_household()
    assert len(household.people) == 80
    assert [server.product for server in household.servers] == ["plex", "plex", "jellyfin"]
    assert sum(len(server.libraries) for server in household.servers) == 25


def test_every_server_has_an_owner_of_its_own_who_is_no_guest_there() -> None:
    household = make_household()
    assert len({server.owner for server in household.servers}) == len(household.servers)
    for server in household.servers:
        assert server.owner not in {member.person for member in household.members_of(server)}


def test_every_standing_occurs_and_nobody_is_let_in_twice() -> None:
    household = make_household()
    standings = Counter(member.standing for member in household.memberships)
    assert (standings["managed"], standings["home"], standings["invited"]) == (2, 2, 2)
    places = [(member.person, member.server) for member in household.memberships]
    assert len(set(places)) == len(places)
    assert {member.libraries is None for member in household.memberships} == {True, False}
    assert () in {member.libraries for member in household.memberships}


def test_titles_collide_between_servers_but_numbers_do_not() -> None:
    household = make_household()
    libraries = [library for server in household.servers for library in server.libraries]
    titles = Counter(library.title for library in libraries)
    assert titles["Movies"] == 3
    for number in ("section_id", "item_id"):
        assert len({getattr(library, number) for library in libraries}) == len(libraries)


def test_a_big_one() -> None:
    household = make_household(people=10_000, plex_servers=4, jellyfin_servers=3, libraries=70)
    assert len({person.id for person in household.people}) == 10_000
    assert len({person.username for person in household.people}) == 10_000
    assert len({server.identifier for server in household.servers}) == 7
    assert _owners_of_plex(household) == 2


def test_too_small_a_household_is_refused() -> None:
    with pytest.raises(ValueError, match="give at least 3"):
        make_household(people=2)
    with pytest.raises(ValueError, match="at least one a server"):
        make_household(libraries=2)


def _owners_of_plex(household: Household) -> int:
    return len({server.owner for server in household.servers_of("plex")})
