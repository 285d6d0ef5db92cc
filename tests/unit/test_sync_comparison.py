"""What differs, what is doubted, and how it is told."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from services.workers.sync import wording
from services.workers.sync.wording import Story
from shared.directory.comparison import Comparison, Difference, Known, compare
from shared.directory.doubts import doubt
from shared.directory.observation import Observation, SeenAccount, SeenLibrary

MOVIES = SeenLibrary(outside_id="1", title="Movies", kind="movies", item_count=10)
OTHER_MOVIES = SeenLibrary(outside_id="2", title="Movies", kind="movies", item_count=20)
OWNER = SeenAccount(outside_id="o", username="olga", title="Olga", role="owner", all_libraries=True)
ANNA = SeenAccount(outside_id="a", username="anna", title="Anna", role="friend")
ANNA_TOO = SeenAccount(outside_id="b", username="anna2", title="Anna", role="friend")
SEEN = Observation(
    identifier="m",
    real_name="Attic",
    version="1.0",
    libraries=(MOVIES, OTHER_MOVIES),
    accounts=(OWNER, ANNA, ANNA_TOO),
    access={"o": frozenset("12"), "a": frozenset("1"), "b": frozenset("2")},
)
NOTHING = Known(libraries={}, accounts={}, removed_libraries={}, removed_accounts={}, access={})


def known(seen: Observation) -> Known:
    """The directory after that observation."""
    return Known(
        identifier=seen.identifier,
        real_name=seen.real_name,
        version=seen.version,
        libraries={library.outside_id: library for library in seen.libraries},
        accounts={account.outside_id: account for account in seen.accounts},
        removed_libraries={},
        removed_accounts={},
        access=seen.access,
    )


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [(found.subject, found.action, found.outside_id) for found in comparison.differences]


def test_the_same_again_differs_in_nothing() -> None:
    same = compare(known(SEEN), SEEN)
    assert not any(structs.astuple(same))


def test_things_with_one_title_stay_apart() -> None:
    first = compare(NOTHING, SEEN)
    assert told(first)[:5] == [
        ("library", "added", "1"),
        ("library", "added", "2"),
        ("account", "added", "o"),
        ("account", "added", "a"),
        ("account", "added", "b"),
    ]
    fewer = compare(known(SEEN), structs.replace(SEEN, libraries=(MOVIES,), access={"o": frozenset("1")}))
    assert fewer.gone_libraries == ("2",)


def test_a_new_title_is_a_new_name_for_the_same_thing() -> None:
    renamed = structs.replace(MOVIES, title="Films")
    comparison = compare(known(SEEN), structs.replace(SEEN, libraries=(renamed, OTHER_MOVIES)))
    assert told(comparison) == [("library", "renamed", "1")]
    assert (comparison.libraries, comparison.gone_libraries) == ((renamed,), ())


def test_what_was_removed_returns() -> None:
    before = structs.replace(known(SEEN), accounts={"o": OWNER, "b": ANNA_TOO}, removed_accounts={"a": ANNA})
    assert ("account", "returned", "a") in told(compare(before, SEEN))


def test_access_is_told_once_an_account_and_written_once_a_library() -> None:
    comparison = compare(known(SEEN), structs.replace(SEEN, access={"o": frozenset("12"), "a": frozenset("2")}))
    assert told(comparison) == [("access", "changed", "a"), ("access", "changed", "b")]
    assert comparison.granted == (("a", "2"),)
    assert comparison.withdrawn == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"identifier": "x"}, "another server (Attic) answers"),
        ({"libraries": (MOVIES, MOVIES)}, "lists a library twice"),
        ({"accounts": (OWNER, ANNA, ANNA)}, "lists an account twice"),
        ({"libraries": ()}, "lists no library, where 2 were known"),
        ({"libraries": (structs.replace(MOVIES, item_count=0),)}, "all its libraries are empty, where 30 items"),
        ({"accounts": (OWNER,)}, "lists nobody but its owner, where 2 others were known"),
        ({"access": {"o": frozenset("12")}}, "shares nothing with anybody, where 2 people had libraries"),
    ],
)
def test_what_looks_like_an_outage_is_doubted(change: dict[str, object], words: str) -> None:
    assert words in (doubt(known(SEEN), structs.replace(SEEN, **change)) or "")
    assert doubt(NOTHING, structs.replace(SEEN, **change)) is None or "twice" in words


def test_the_last_guest_may_leave_and_a_person_may_say_that_all_have() -> None:
    one = structs.replace(SEEN, accounts=(OWNER, ANNA), access={"o": frozenset("12"), "a": frozenset("1")})
    alone = structs.replace(SEEN, accounts=(OWNER,), access={"o": frozenset("12")})
    assert doubt(known(one), alone) is None
    assert doubt(known(SEEN), alone) is not None
    assert doubt(known(SEEN), alone, believe_empty=True) is None
    assert doubt(known(SEEN), structs.replace(alone, identifier="x"), believe_empty=True) is not None


INVITED = SeenAccount(
    outside_id="invited-55", username="", title="new@x.org", email="new@x.org", role="friend", state="pending",
    share_id="55",
)  # fmt: skip
WANTED = structs.replace(INVITED, outside_id="wanted-1", share_id="")
JOINED = structs.replace(INVITED, outside_id="900", username="newt", title="newt", state="active")


def with_guest(guest: SeenAccount, *, access: str = "") -> Observation:
    return structs.replace(
        SEEN, accounts=(*SEEN.accounts, guest), access={**SEEN.access, guest.outside_id: frozenset(access)}
    )


def test_an_invitation_that_was_accepted_is_the_same_account() -> None:
    before = known(with_guest(INVITED))
    comparison = compare(before, with_guest(JOINED, access="1"))
    assert comparison.renumbered == {"invited-55": "900"}
    assert told(comparison) == [
        ("account", "renamed", "900"),
        ("account", "changed", "900"),
        ("access", "changed", "900"),
    ]
    changed = comparison.differences[1]
    assert changed.before == {"outside_id": "invited-55", "username": "", "state": "pending"}
    assert (comparison.accounts, comparison.gone_accounts, comparison.granted) == ((JOINED,), (), (("900", "1"),))
    unnumbered = structs.replace(
        before, accounts={**before.accounts, "invited-55": structs.replace(INVITED, share_id="")}
    )
    assert compare(unnumbered, with_guest(JOINED)).renumbered == {"invited-55": "900"}, "known from before shares were"


@pytest.mark.parametrize(
    ("guest", "why"),
    [
        (structs.replace(JOINED, share_id="56"), "another share"),
        (structs.replace(JOINED, share_id=""), "no share"),
        (structs.replace(ANNA, share_id="55"), "an account that was known before"),
    ],
)
def test_an_invitation_is_known_again_by_its_share_alone(guest: SeenAccount, why: str) -> None:
    seen = structs.replace(SEEN, accounts=(*(a for a in SEEN.accounts if a.outside_id != guest.outside_id), guest))
    comparison = compare(known(with_guest(INVITED)), seen)
    assert (comparison.renumbered, comparison.gone_accounts) == ({}, ("invited-55",)), why


def test_an_account_that_ends_is_not_the_one_that_takes_over_its_share() -> None:
    friend = structs.replace(JOINED, outside_id="800")
    assert compare(known(with_guest(friend)), with_guest(JOINED)).renumbered == {}


def test_somebody_who_is_wanted_is_taken_over_by_their_invitation() -> None:
    before = structs.replace(known(SEEN), wanted_accounts={"wanted-1": WANTED})
    comparison = compare(before, SEEN)
    assert (comparison.differences, comparison.gone_accounts) == ((), ()), "no part of what is on the server"
    for guest in (INVITED, structs.replace(JOINED, email="New@x.org")):
        comparison = compare(before, with_guest(guest))
        assert comparison.renumbered == {"wanted-1": guest.outside_id}
        assert comparison.accounts == (guest,)
        assert ("account", "added", guest.outside_id) not in told(comparison)
    other = structs.replace(JOINED, email="newer@x.org")
    assert compare(before, with_guest(other)).renumbered == {}
    again = structs.replace(before, wanted_accounts={"900": structs.replace(WANTED, outside_id="900")})
    assert compare(again, with_guest(other)).renumbered == {"900": "900"}, "the row of an account that was there once"
    gone = structs.replace(before, removed_accounts={"900": JOINED})
    assert compare(gone, with_guest(JOINED)).renumbered == {}, "there is a row of this number already"


def test_a_share_of_another_number_is_written_but_not_told() -> None:
    comparison = compare(known(with_guest(JOINED)), with_guest(structs.replace(JOINED, share_id="77")))
    assert comparison.differences == () and [account.share_id for account in comparison.accounts] == ["77"]


def differences(*kinds: tuple[str, str, int]) -> list[Difference]:
    return [
        Difference(subject=subject, action=action, name="n", outside_id="i")  # type: ignore[arg-type]
        for subject, action, number in kinds
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        (Story(done=3), "nothing to do"),
        (
            Story(done=3, differences=differences(("account", "removed", 1), ("library", "added", 2))),
            "3 servers: 2 libraries added, 1 account removed",
        ),
        (Story(done=1, differences=differences(("access", "changed", 1))), "1 server: access of 1 account changed"),
        (Story(done=1, resting=["Attic is down"]), "1 server: nothing to do; 1 skipped (Attic is down)"),
        (
            Story(done=1, differences=differences(("library", "renamed", 1)), failures=["Attic has trouble"]),
            "1 server: 1 library renamed; 1 failed (Attic has trouble)",
        ),
        (Story(failures=["Attic has trouble"]), "1 failed (Attic has trouble)"),
    ],
)
def test_a_run_in_a_sentence(story: Story, sentence: str) -> None:
    assert wording.summary(story) == sentence


def test_a_difference_can_be_sent() -> None:
    for difference in compare(NOTHING, SEEN).differences:
        assert msgspec.json.decode(msgspec.json.encode(difference), type=Difference).name == difference.name
