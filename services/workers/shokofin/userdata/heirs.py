"""Which item gets back what was watched of one that is gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from shared.directory.watchmemory import Remembered

from .terms import History
from .videos import Video


class Heritage(Struct, frozen=True, kw_only=True):
    """What is to be given back, each to the item that it goes to; and what has an heir with a history of its own."""

    given: Sequence[tuple[Remembered, Video]] = ()
    outlived: Sequence[Remembered] = ()


def memories(known: Mapping[str, Video], seen: Mapping[str, History]) -> list[Remembered]:
    """What there is to remember: all that has been watched."""
    return [
        Remembered(
            shoko_file=known[item].file,
            shoko_episode=known[item].episode,
            shoko_series=known[item].series,
            item_id=item,
            data=msgspec.to_builtins(history),
        )
        for item, history in seen.items()
        if not history.empty
    ]


def inherited(gone: Iterable[Remembered], known: Iterable[Video], seen: Mapping[str, History]) -> Heritage:
    """`gone`: what is remembered of items that are not there any more, newest first; `seen`: what the person has."""
    kin = _Kin(video for video in known if video.id in seen)
    given: dict[str, tuple[Remembered, Video]] = {}
    outlived: list[Remembered] = []
    for remembered in gone:
        heir = kin.of(remembered)
        if heir is None:
            continue
        if seen[heir.id] != History():
            outlived.append(remembered)
        elif heir.id not in given:
            given[heir.id] = (remembered, heir)
    return Heritage(given=list(given.values()), outlived=outlived)


class _Kin:
    """The videos by what makes them the heirs of others: the nearest first."""

    def __init__(self, known: Iterable[Video]) -> None:
        self._same: dict[tuple[str, str], Video] = {}
        self._file: dict[str, Video] = {}
        self._episode: dict[str, Video] = {}
        for video in known:
            self._same.setdefault((video.file, video.episode), video)
            self._file.setdefault(video.file, video)
            self._episode.setdefault(video.episode, video)

    def of(self, remembered: Remembered) -> Video | None:
        return (
            self._same.get((remembered.shoko_file, remembered.shoko_episode))
            or self._episode.get(remembered.shoko_episode)
            or self._file.get(remembered.shoko_file)
        )
