"""What the lists of both sides settle, files with several videos, and who inherits what was watched of an item."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs, to_builtins

from services.workers.clients.jellyfin_items import Item
from services.workers.shokofin.userdata.heirs import inherited, memories
from services.workers.shokofin.userdata.rules import NOTHING, decide, decide_file, settled
from services.workers.shokofin.userdata.sides import Present, Sides, to_write
from services.workers.shokofin.userdata.terms import Direction, History, Stats, Viewing
from services.workers.shokofin.userdata.videos import Video, hidden_versions, videos
from shared.directory.watchmemory import Remembered

from .test_userdata_rules import CASES, DIRECTIONS, NEW, NOW, OLD, histories, remotes, seen, told

SIDES = Sides(user="u", item="i", file="1")


def listed(stats: Stats) -> Viewing:
    return Viewing(
        file_id="1",
        position_ticks=stats.position_ticks,
        last_watched_at=stats.last_watched_at,
        last_updated_at=stats.last_updated_at,
    )


@given(histories, remotes, st.sampled_from(DIRECTIONS))
def test_what_the_lists_settle_needs_no_look(local: History, remote: Stats | None, direction: Direction) -> None:
    viewing = None if remote is None else listed(remote)
    if settled(direction, local, viewing, NOW):
        assert decide(direction, local, remote, NOW) == NOTHING


def test_what_is_in_step_by_its_date_is_settled_by_the_lists() -> None:
    assert all(settled(direction, seen(OLD), listed(told(OLD)), NOW) for direction in DIRECTIONS)
    assert not settled("export", seen(NEW), listed(told(OLD)), NOW)
    assert not settled("import", seen(OLD), listed(told(NEW)), NOW)
    assert settled("export", History(), listed(told(OLD)), NOW)
    assert not settled("import", History(), listed(told(OLD)), NOW)


@given(st.lists(histories, min_size=1, max_size=4), remotes, st.sampled_from(DIRECTIONS))
def test_a_file_with_several_videos_comes_to_rest(
    locals_: list[History], remote: Stats | None, direction: Direction
) -> None:
    decisions = decide_file(direction, locals_, remote, NOW)
    written = [decision.remote for decision in decisions if decision.remote]
    assert len(written) <= 1, "a file has one record"
    after = [decision.local or local for decision, local in zip(decisions, locals_, strict=True)]
    again = decide_file(direction, after, written[0] if written else remote, NOW + timedelta(hours=1))
    assert again == [NOTHING] * len(locals_)


def test_a_file_with_one_video_is_decided_as_the_table_says() -> None:
    for local, remote, *_ in CASES.values():
        for direction in DIRECTIONS:
            assert decide_file(direction, [local], remote, NOW) == [decide(direction, local, remote, NOW)]


def item(number: str, **given: Any) -> Item:
    ids = {"Shoko File": number, "Shoko Episode": number, "Shoko Series": "1"}
    return Item(**({"id": number, "name": number, "type": "Episode", "provider_ids": ids} | given))


def test_only_real_videos_that_shoko_knows_take_part() -> None:
    items = [
        item("1"),
        item("2", custom_rating="xxx"),
        item("3", is_virtual=True),
        item("4", provider_ids={"Shoko File": "4"}),
        item("5", provider_ids={}),
    ]
    assert [video.id for video in videos(items, restricted=False)] == ["1"]
    assert [video.id for video in videos(items, restricted=True)] == ["1", "2"]


def test_a_version_is_hidden_behind_one_that_is_listed_and_not_by_rights() -> None:
    both = {"a": video("a", "1", versions=("b",)), "b": video("b", "2", versions=("a",)), "c": video("c", "3")}
    assert [found.id for found in hidden_versions(both, {"a"})] == ["b"]
    assert hidden_versions(both, set()) == []


def video(number: str, file: str, episode: str = "", **given: Any) -> Video:
    return Video(id=number, file=file, episode=episode or file, series="1", title=number, **given)


def remembered(number: str, file: str, episode: str = "", at: datetime = OLD) -> Remembered:
    return Remembered(
        shoko_file=file, shoko_episode=episode or file, shoko_series="1", item_id=number, data=to_builtins(seen(at))
    )


def test_only_what_was_watched_is_remembered() -> None:
    known = {"a": video("a", "1"), "b": video("b", "2")}
    assert memories(known, {"a": seen(OLD), "b": History(last_played_at=OLD)}) == [remembered("a", "1")]


def test_the_nearest_of_kin_inherits() -> None:
    known = [video("other", "9", "1"), video("same", "1", "1"), video("moved", "2", "7")]
    unseen = {each.id: History() for each in known}
    heritage = inherited([remembered("gone", "1"), remembered("relinked", "2", "8")], known, unseen)
    assert [(each.item_id, heir.id) for each, heir in heritage.given] == [("gone", "same"), ("relinked", "moved")]
    assert inherited([remembered("gone", "5")], known, unseen).given == []


def test_an_heir_with_a_history_or_out_of_sight_gets_nothing() -> None:
    known, gone = [video("new", "1")], [remembered("gone", "1")]
    assert inherited(gone, known, {}).given == []
    assert inherited(gone, known, {"new": seen(NEW)}).outlived == gone


def test_of_two_that_are_gone_the_newest_is_given() -> None:
    gone = [remembered("b", "2", "1", NEW), remembered("a", "3", "1", OLD)]
    heritage = inherited(gone, [video("new", "1", "1")], {"new": History()})
    assert [each.item_id for each, _ in heritage.given] == ["b"]


def test_only_what_is_as_planned_is_written() -> None:
    before = structs.replace(SIDES, jellyfin=History(), shoko=None)
    after = structs.replace(SIDES, jellyfin=seen(NEW), shoko=told(NEW))
    assert to_write(Present(jellyfin=History()), before, after, begun=False) == after
    half = to_write(Present(jellyfin=seen(NEW)), before, after, begun=True)
    assert half == structs.replace(SIDES, shoko=told(NEW))
    assert to_write(Present(jellyfin=seen(NEW), shoko=told(NEW)), before, after, begun=True) == SIDES
    assert to_write(Present(jellyfin=seen(OLD)), before, after, begun=False) == "watched on Jellyfin meanwhile"
    assert to_write(Present(jellyfin=History(), shoko=told(OLD)), before, after, begun=False) == (
        "watched on Shoko meanwhile"
    )
    assert to_write(Present(), before, after, begun=False) == "the item is gone, or out of their sight"


def test_an_attempt_that_died_between_clearing_and_writing_is_gone_on_with() -> None:
    before, after = structs.replace(SIDES, jellyfin=seen(OLD)), structs.replace(SIDES, jellyfin=History(count=1))
    assert to_write(Present(jellyfin=History()), before, after, begun=True) == after
    assert isinstance(to_write(Present(jellyfin=History()), before, after, begun=False), str)
