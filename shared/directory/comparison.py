"""What differs between what is known of a server and what was seen on it: in words, and as rows to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct, structs

from .invitations import renumbered
from .observation import Observation, SeenAccount, SeenLibrary

Subject = Literal["server", "library", "account", "access"]
Action = Literal["added", "removed", "returned", "renamed", "changed"]
Pair = tuple[str, str]
"""The outside ids of an account and of a library that it sees."""
UNTOLD = frozenset({"share_id"})
"""What is written when it changes, but tells people nothing."""


class Known(Struct, frozen=True, kw_only=True):
    """What the directory holds of one server, by outside id; what was removed stands apart.

    `wanted_accounts` are of people who are to be invited: nothing of them is on the server yet.
    """

    identifier: str = ""
    real_name: str = ""
    version: str = ""
    libraries: Mapping[str, SeenLibrary]
    accounts: Mapping[str, SeenAccount]
    removed_libraries: Mapping[str, SeenLibrary]
    removed_accounts: Mapping[str, SeenAccount]
    wanted_accounts: Mapping[str, SeenAccount] = {}
    access: Mapping[str, frozenset[str]]


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that is not as it was. `name` is a title for a person: two things may share it, `outside_id` tells."""

    action: Action
    subject: Subject
    name: str
    outside_id: str
    before: Any = None
    after: Any = None


class Comparison(Struct, frozen=True, kw_only=True):
    """The differences, and exactly the rows that they concern.

    `renumbered` accounts, from outside id to outside id, come first: all else calls them by the new one.
    """

    differences: tuple[Difference, ...]
    libraries: tuple[SeenLibrary, ...]
    gone_libraries: tuple[str, ...]
    renumbered: Mapping[str, str]
    accounts: tuple[SeenAccount, ...]
    gone_accounts: tuple[str, ...]
    granted: tuple[Pair, ...]
    withdrawn: tuple[Pair, ...]


def compare(known: Known, seen: Observation) -> Comparison:
    """What `seen` changes of `known`, matched by outside ids, and invitations by their share or e-mail address too;
    titles and names are only shown."""
    libraries = {library.outside_id: library for library in seen.libraries}
    accounts = {account.outside_id: account for account in seen.accounts}
    moves = renumbered(known.accounts, known.removed_accounts, known.wanted_accounts, accounts)
    known = _under_new_ids(known, moves)
    titles = {key: library.title for key, library in {**known.libraries, **libraries}.items()}
    names = {key: account.title for key, account in {**known.accounts, **accounts}.items()}
    return Comparison(
        differences=(
            *_server(known, seen),
            *_things("library", known.libraries, known.removed_libraries, libraries),
            *_things("account", known.accounts, known.removed_accounts, accounts),
            *_access(known.access, seen.access, names, titles),
        ),
        libraries=tuple(library for key, library in libraries.items() if known.libraries.get(key) != library),
        gone_libraries=tuple(key for key in known.libraries if key not in libraries),
        renumbered=moves,
        accounts=tuple(account for key, account in accounts.items() if known.accounts.get(key) != account),
        gone_accounts=tuple(key for key in known.accounts if key not in accounts),
        granted=tuple(_missing(seen.access, known.access)),
        withdrawn=tuple(_missing(known.access, seen.access)),
    )


def _under_new_ids(known: Known, moves: Mapping[str, str]) -> Known:
    if not moves:
        return known
    taken_over = {key: account for key, account in known.wanted_accounts.items() if key in moves}
    before = {**known.accounts, **taken_over}
    return structs.replace(
        known,
        accounts={moves.get(key, key): account for key, account in before.items()},
        access={moves.get(key, key): libraries for key, libraries in known.access.items()},
    )


def _server(known: Known, seen: Observation) -> Iterator[Difference]:
    if known.real_name and known.real_name != seen.real_name:
        yield Difference(
            action="renamed",
            subject="server",
            name=seen.real_name,
            outside_id=seen.identifier,
            before=known.real_name,
            after=seen.real_name,
        )
    if known.version and known.version != seen.version:
        yield Difference(
            action="changed",
            subject="server",
            name=seen.real_name,
            outside_id=seen.identifier,
            before={"version": known.version},
            after={"version": seen.version},
        )


def _things(
    subject: Subject,
    known: Mapping[str, SeenLibrary] | Mapping[str, SeenAccount],
    removed: Mapping[str, SeenLibrary] | Mapping[str, SeenAccount],
    seen: Mapping[str, SeenLibrary] | Mapping[str, SeenAccount],
) -> Iterator[Difference]:
    for key, thing in seen.items():
        before = known.get(key)
        if before is None:
            action: Action = "returned" if key in removed else "added"
            yield Difference(
                action=action, subject=subject, name=thing.title, outside_id=key, after=structs.asdict(thing)
            )
        elif before != thing:
            yield from _changes(subject, before, thing)
    for key, before in known.items():
        if key not in seen:
            yield Difference(
                action="removed", subject=subject, name=before.title, outside_id=key, before=structs.asdict(before)
            )


def _changes(
    subject: Subject, before: SeenLibrary | SeenAccount, after: SeenLibrary | SeenAccount
) -> Iterator[Difference]:
    was, now = structs.asdict(before), structs.asdict(after)
    changed = [name for name, value in now.items() if was[name] != value and name not in UNTOLD]
    if "title" in changed:
        changed.remove("title")
        yield Difference(
            action="renamed",
            subject=subject,
            name=after.title,
            outside_id=after.outside_id,
            before=before.title,
            after=after.title,
        )
    if changed:
        yield Difference(
            action="changed",
            subject=subject,
            name=after.title,
            outside_id=after.outside_id,
            before={name: was[name] for name in changed},
            after={name: now[name] for name in changed},
        )


def _access(
    known: Mapping[str, frozenset[str]],
    seen: Mapping[str, frozenset[str]],
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> Iterator[Difference]:
    # Together with all that an account sees: one line a person, not one a library.
    for account in dict.fromkeys((*seen, *known)):
        before, after = known.get(account, frozenset()), seen.get(account, frozenset())
        if before != after:
            yield Difference(
                action="changed",
                subject="access",
                name=names.get(account, account),
                outside_id=account,
                before=sorted(titles.get(library, library) for library in before),
                after=sorted(titles.get(library, library) for library in after),
            )


def _missing(whole: Mapping[str, frozenset[str]], part: Mapping[str, frozenset[str]]) -> Iterable[Pair]:
    for account, libraries in whole.items():
        for library in sorted(libraries - part.get(account, frozenset())):
            yield account, library
