"""Which box sets there should be by Shoko's series and groups, and what has to be done for it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec import structs

from services.workers.clients.jellyfin_items import Item
from services.workers.clients.shoko_reading import Group
from services.workers.shokofin import collections
from services.workers.shokofin.collections import BoxSet

OLD, NEW = "5.0.3.0", "6.1.0.0"


def film(number: str, series: str, episode: str = "") -> Item:
    """A film."""
    ids = {"Shoko File": number, "Shoko Episode": episode or number, "Shoko Series": series}
    return Item(id=f"film{number}", name=f"Film {number}", title=f"Film {number}", type="Movie", provider_ids=ids)


def show(series: str) -> Item:
    """A show."""
    ids = {"Shoko Series": series}
    return Item(id=f"show{series}", name=f"Show {series}", title=f"Show {series}", type="Series", provider_ids=ids)


def group(number: int, parent: int | None = None, top: int | None = None) -> Group:
    """A group."""
    return Group(id=number, name=f"Group {number}", parent_id=parent, top_id=top or parent or number, main_series_id=1)


TREE = {each.id: each for each in (group(1), group(2, 1), group(3, 2, 1), group(9))}


def box(key: str, *members: str, sets: Mapping[str, str] | None = None, number: str = "") -> BoxSet:
    """A box set that there is."""
    return BoxSet(
        key=key,
        name=key,
        folder=f"{key} [old]",
        id=number or f"box-{key}",
        members=dict.fromkeys(members, "title"),
        sets=sets or {},
    )


def test_a_series_of_two_films_is_a_set() -> None:
    (made,) = collections.by_series([film("1", "7"), film("2", "7"), film("3", "8")], {"7": "Saga", "8": "Lone"}, 2)
    assert (made.key, made.name, sorted(made.members)) == ("series:7", "Saga", ["film1", "film2"])


def test_versions_of_one_film_are_one_entry_and_all_members() -> None:
    films = [film("1", "7", "1"), film("2", "7", "1")]
    assert collections.by_series(films, {"7": "Saga"}, 2) == []
    (made,) = collections.by_series(films, {"7": "Saga"}, 1)
    assert len(made.members) == 2


def test_the_tree_has_all_groups_above_those_in_use_and_the_inner_ones_first() -> None:
    made = collections.by_group([(show("1"), 3), (show("2"), 1), (show("3"), 9)], TREE, 2)
    assert [each.key for each in made] == ["group:3", "group:2", "group:1"]
    assert [dict(each.sets) for each in made] == [{}, {"group:3": "Group 3"}, {"group:2": "Group 2"}]
    assert [sorted(each.members) for each in made] == [["show1"], [], ["show2"]]


def test_a_topmost_group_with_one_entry_in_all_is_no_set_unless_one_is_enough() -> None:
    assert collections.by_group([(show("3"), 9)], TREE, 2) == []
    assert [each.key for each in collections.by_group([(show("3"), 9)], TREE, 1)] == ["group:9"]


def test_missing_sets_are_made_by_a_folder_that_names_them() -> None:
    wanted = structs.replace(box("group:5"), name="Ghost – 攻殻", id="")
    (change,) = collections.changes([], [wanted], (), OLD)
    assert change.kind == "make" and change.after is not None
    assert change.after.folder == "Ghost [ShokoCollectionGroup=5]"
    (change,) = collections.changes([], [structs.replace(wanted, name="攻殻")], (), NEW)
    assert change.after is not None and change.after.folder == "[ShokoGroup=5]"


def test_a_set_gets_what_is_missing_and_loses_what_is_stale() -> None:
    present = box("group:5", "a", "b", sets={"group:6": ""})
    (change,) = collections.changes([present], [box("group:5", "b", "c", sets={"group:7": ""})], (), OLD)
    assert change.kind == "fill" and change.after is not None
    assert (sorted(change.after.members), list(change.after.sets)) == (["b", "c"], ["group:7"])
    assert (change.after.id, change.after.folder) == (present.id, present.folder)
    assert collections.changes([present], [present], (), OLD) == []


def test_what_nobody_can_place_stays_and_keeps_its_set() -> None:
    present = [box("series:5", "a", "b"), box("series:6", "c")]
    assert collections.changes(present, [box("series:5", "a")], {"b", "c"}, OLD) == []


def test_doubles_and_strays_go_the_outer_ones_first() -> None:
    inner, outer = box("group:2"), box("group:1", sets={"group:2": ""})
    double = box("group:5", number="second")
    found = collections.changes([inner, outer, box("group:5"), double], [box("group:5")], (), OLD)
    assert [change.kind for change in found] == ["remove"] * 3
    numbers = [change.before.id for change in found if change.before]
    assert numbers.index(outer.id) < numbers.index(inner.id) and double.id in numbers


@pytest.mark.parametrize(
    ("provider_ids", "path", "key"),
    [
        ({"ShokoCollectionGroup": "5"}, "", "group:5"),
        ({"ShokoGroup": "5"}, "", "group:5"),
        ({"ShokoCollectionSeries": "5"}, "", "series:5"),
        ({"ShokoSeries": "5"}, "", "series:5"),
        ({}, "/collections/Saga [ShokoCollectionGroup=5] [boxset]", "group:5"),
        ({"Shoko Series": "5", "Tmdb": "9"}, "/collections/Saga [boxset]", ""),
    ],
)
def test_a_set_is_known_by_its_ids_or_its_folder(provider_ids: dict[str, str], path: str, key: str) -> None:
    item = Item(id="a", name="Saga", type="BoxSet", path=path, provider_ids=provider_ids)
    assert collections.key_of(item) == key
    assert collections.dressed(item) == bool(key and provider_ids)


def test_groups_that_name_each_other_are_no_endless_way_up() -> None:
    loop = {1: group(1, 2, 1), 2: group(2, 1, 1)}
    made = collections.by_group([(show("1"), 1), (show("2"), 2)], loop, 2)
    assert {each.key for each in made} == {"group:1", "group:2"}
