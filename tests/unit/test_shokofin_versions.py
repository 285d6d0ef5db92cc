"""Which videos are versions of one another: what is planned, and what leads there."""

from __future__ import annotations

import random

import pytest

from services.workers.clients.jellyfin_items import Item
from services.workers.shokofin import versions
from services.workers.shokofin.versions import Regrouping

Sets = frozenset[frozenset[str]]


def video(number: str, episode: str = "", *, linked: str = "", library: str = "anime", span: int = 0) -> Item:
    """A video with an id of one letter; `linked` names its other versions."""
    return Item(
        id=number,
        name=f"Episode {episode}",
        title=f"Show S01E0{episode or 0}",
        type="Episode",
        path=f"/anime/{number}.mkv",
        library_id=library,
        provider_ids={"Shoko Episode": episode} if episode else {},
        source_ids=frozenset(linked) | {number},
        span=span,
    )


def sets(*words: str) -> Sets:
    """Sets of ids of one letter."""
    return frozenset(frozenset(word) for word in words)


def test_files_of_one_episode_are_merged_and_single_ones_left() -> None:
    (found,) = versions.to_merge([video("a", "1"), video("b", "1"), video("c", "2")])
    assert (found.before, found.after) == (sets("a", "b"), sets("ab"))
    assert (found.title, found.episodes) == ("Show S01E01", ["1"])


def test_what_is_right_is_not_touched() -> None:
    assert versions.to_merge([video("a", "1", linked="b"), video("b", "1", linked="a"), video("c", "2")]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (video("a", "1"), video("b", "1", library="films")),
        (video("a", "1"), video("b", "1", span=1)),
        (video("a", "1"), video("b", "2")),
        (video("a"), video("b")),
    ],
    ids=["libraries", "spans", "episodes", "unknown"],
)
def test_what_does_not_belong_together_stays_apart(one: Item, other: Item) -> None:
    assert versions.to_merge([one, other]) == []


def test_what_was_merged_wrongly_is_parted_while_merging() -> None:
    wrong = [video("a", "1", linked="b"), video("b", "2", linked="a"), video("c", "2")]
    (found,) = versions.to_merge(wrong)
    assert (found.before, found.after) == (sets("ab", "c"), sets("a", "bc"))


def test_a_version_that_shoko_does_not_know_stays_where_a_person_put_it() -> None:
    items = [video("a", "1", linked="x"), video("x", linked="a"), video("b", "1")]
    (found,) = versions.to_merge(items)
    assert found.after == sets("abx")
    assert versions.to_merge([video("x", linked="y"), video("y", linked="x")]) == []


def test_it_stands_alone_where_nobody_knows_with_whom_it_belongs() -> None:
    items = [video("a", "1", linked="bx"), video("b", "2", linked="ax"), video("x", linked="ab")]
    (found,) = versions.to_merge(items)
    assert found.after == sets("a", "b", "x")


def test_virtual_entries_have_no_versions() -> None:
    missing = Item(id="b", name="", type="Episode", provider_ids={"Shoko Episode": "1"}, is_virtual=True)
    assert versions.to_merge([video("a", "1"), missing]) == []


def test_a_link_to_what_is_not_listed_does_not_count() -> None:
    assert versions.grouped([video("a", "1", linked="z")]) == sets("a")
    assert versions.to_split([video("a", "1", linked="z")]) == []


def test_all_of_shokos_are_split_and_those_of_people_kept() -> None:
    items = [
        video("a", "1", linked="b"),
        video("b", "1", linked="a"),
        video("x", linked="y"),
        video("y", linked="x"),
    ]
    (found,) = versions.to_split(items)
    assert (found.before, found.after) == (sets("ab"), sets("a", "b"))


def test_the_moves_leave_alone_what_is_right() -> None:
    moves = versions.moves(sets("ab", "c", "de", "f"), sets("abc", "d", "ef"))
    assert (list(moves.split), [list(each) for each in moves.merge]) == (["d"], [["a", "b", "c"], ["e", "f"]])
    assert versions.moves(sets("ab"), sets("ab")) == versions.Moves(split=[], merge=[])


@pytest.mark.parametrize("seed", range(200))
def test_any_muddle_is_put_right_and_back(seed: int) -> None:
    """Whatever is linked with whatever: the moves lead to what is wanted, which is right, and an undo leads back."""
    chance = random.Random(seed)
    items = muddle(chance)
    for found in versions.to_merge(items):
        assert carried(found.before, found.after) == found.after
        assert carried(found.after, found.before) == found.before
        assert versions.read(versions.kept(found.after, found.items), found.items) == found.after
    assert versions.to_merge(relinked(items, versions.to_merge(items))) == []
    assert versions.to_split(relinked(items, versions.to_split(items))) == []


def muddle(chance: random.Random) -> list[Item]:
    """A dozen videos of some episodes, linked at random."""
    numbers = list("abcdefghijkl")
    episodes = {number: chance.choice(["", "1", "2", "3"]) for number in numbers}
    chance.shuffle(numbers)
    items = []
    while numbers:
        together, numbers = numbers[: (size := chance.randint(1, 4))], numbers[size:]
        items += [video(number, episodes[number], linked="".join(together)) for number in together]
    return items


def carried(present: frozenset[frozenset[str]], wanted: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    """What a server makes of the moves: a split parts a whole set, a merge joins all that the named are in."""
    moves, now = versions.moves(present, wanted), set(present)
    for number in moves.split:
        whole = next(each for each in now if number in each)
        now = now - {whole} | {frozenset([each]) for each in whole}
    for each in moves.merge:
        joined = [known for known in now if known & set(each)]
        now = now - set(joined) | {frozenset().union(*joined)}
    return frozenset(now)


def relinked(items: list[Item], found: list[Regrouping]) -> list[Item]:
    """The videos after all of it."""
    together = {number: each for one in found for each in one.after for number in each}
    return [
        video(item.id, item.shoko_episode, linked="".join(together.get(item.id, item.source_ids))) for item in items
    ]
