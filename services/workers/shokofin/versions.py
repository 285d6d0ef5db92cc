"""Which videos are versions of one another, and which should be. Pure.

Videos belong together when they lie in one library, are the same episode of Shoko, and hold as many episodes as each
other (Shokofin's MergeVersionsManager). A set of versions is a set of ids; a video without versions is a set of one.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ..clients.jellyfin_items import Item

Versions = frozenset[str]


class Regrouping(Struct, frozen=True, kw_only=True):
    """Videos that stand together as they should not, or apart. `items`: all of them, by id."""

    items: Mapping[str, Item]
    before: frozenset[Versions]
    after: frozenset[Versions]

    @property
    def title(self) -> str:
        """What a person calls them."""
        return min((item for item in self.items.values() if item.shoko_episode), key=lambda item: item.id).title

    @property
    def episodes(self) -> list[str]:
        """Shoko's ids of their episodes."""
        return sorted({item.shoko_episode for item in self.items.values() if item.shoko_episode})


class Moves(Struct, frozen=True, kw_only=True):
    """What leads from one grouping to another: a video of each set to split, then the sets to merge."""

    split: Sequence[str] = ()
    merge: Sequence[Sequence[str]] = ()


def to_merge(items: Iterable[Item]) -> list[Regrouping]:
    """What has to be done so that videos that belong together, and no others, are versions of one."""
    known = {item.id: item for item in items if not item.is_virtual}
    present = grouped(known.values())
    belonging = _by_key(known)
    # Whatever is linked or belongs together is regrouped in one go: sets are split as a whole only.
    clusters = _joined([*present, *belonging.values()])
    found = []
    for cluster in clusters:
        before = frozenset(versions for versions in present if versions <= cluster)
        after = _wanted(before, known)
        if before != after:
            found.append(Regrouping(items={number: known[number] for number in cluster}, before=before, after=after))
    return sorted(found, key=lambda each: each.title)


def to_split(items: Iterable[Item]) -> list[Regrouping]:
    """What has to be done so that each of Shoko's videos stands alone; sets without one are left as they are."""
    known = {item.id: item for item in items if not item.is_virtual}
    found = [
        Regrouping(
            items={number: known[number] for number in versions},
            before=frozenset([versions]),
            after=frozenset(frozenset([number]) for number in versions),
        )
        for versions in grouped(known.values())
        if len(versions) > 1 and any(known[number].shoko_episode for number in versions)
    ]
    return sorted(found, key=lambda each: each.title)


def grouped(items: Collection[Item]) -> frozenset[Versions]:
    """The sets of versions that there are among these videos; links to others do not count."""
    known = {item.id for item in items}
    return frozenset(_joined([item.source_ids & known for item in items]))


def moves(present: Collection[Versions], wanted: Collection[Versions]) -> Moves:
    """What leads from one to the other, both of the same videos. Nothing that is right already is touched."""
    whole = [versions for versions in present if any(versions <= each for each in wanted)]
    return Moves(
        split=sorted(min(versions) for versions in present if versions not in whole),
        merge=sorted(sorted(each) for each in wanted if len(each) > 1 and each not in whole),
    )


def kept(sets: Iterable[Versions], items: Mapping[str, Item]) -> list[dict[str, str]]:
    """Sets of versions as the ledger keeps them, and a person can read them: id and file of each video."""
    return [
        {number: items[number].path.rpartition("/")[2] for number in versions} for versions in sorted(map(sorted, sets))
    ]


def read(kept_sets: Any, there: Collection[str]) -> frozenset[Versions]:
    """The sets that the ledger has kept, without the videos that are not there any more."""
    sets = (frozenset(versions) & frozenset(there) for versions in kept_sets)
    return frozenset(versions for versions in sets if versions)


def _wanted(before: Iterable[Versions], known: Mapping[str, Item]) -> frozenset[Versions]:
    wanted: dict[Hashable, set[str]] = {}
    for versions in before:
        keys = {_key(known[number]) for number in versions if known[number].shoko_episode}
        for number in versions:
            item = known[number]
            if item.shoko_episode:
                key: Hashable = _key(item)
            else:
                # A version that Shoko does not know was linked by a person: it stays, unless it is not clear with whom.
                key = next(iter(keys)) if len(keys) == 1 else number if keys else versions
            wanted.setdefault(key, set()).add(number)
    return frozenset(frozenset(versions) for versions in wanted.values())


def _key(item: Item) -> tuple[str, str, int]:
    return item.library_id, item.shoko_episode, item.span


def _by_key(known: Mapping[str, Item]) -> dict[tuple[str, str, int], frozenset[str]]:
    found: dict[tuple[str, str, int], set[str]] = {}
    for item in known.values():
        if item.shoko_episode:
            found.setdefault(_key(item), set()).add(item.id)
    return {key: frozenset(versions) for key, versions in found.items()}


def _joined(sets: Iterable[Collection[str]]) -> list[Versions]:
    """Sets that share a member become one."""
    of: dict[str, set[str]] = {}
    for each in sets:
        joined = set(each)
        for number in each:
            joined |= of.get(number, set())
        for number in joined:
            of[number] = joined
    return list({id(joined): frozenset(joined) for joined in of.values()}.values())
