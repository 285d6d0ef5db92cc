"""Jellyfin: what a user's policy opens to them, and the policy that opens something else. Values in, values out.

A policy is kept as it came: what a newer Jellyfin has in it, and we do not know, goes back unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..access.presence import Present, Wish
from .jellyfin_reading import User, access, plain_id

Policy = Mapping[str, Any]

FOLDERS, ALL_FOLDERS, LOCKED = "EnabledFolders", "EnableAllFolders", "IsDisabled"
OURS = (ALL_FOLDERS, FOLDERS, LOCKED)
"""All of a policy that is ever changed."""


def present(user: User, policy: Policy, libraries: Collection[str]) -> Present:
    """What a user has of the `libraries` (plain ids)."""
    return Present(
        observed=access(user, libraries),
        all_libraries=user.policy.enable_all_folders,
        state="disabled" if user.policy.is_disabled else "active",
        raw={name: policy.get(name) for name in OURS},
    )


def wished(policy: Policy, now: Present, wish: Wish, libraries: Collection[str]) -> dict[str, Any]:
    """The whole policy that fulfils the wish; equal to `policy` if that does already."""
    if wish.restore is not None:
        return {**policy, **{name: wish.restore[name] for name in OURS}}
    changed = dict(policy)
    if wish.lock is not None:
        changed[LOCKED] = wish.lock
    if wish.libraries != now.observed or not wish.libraries:
        changed[ALL_FOLDERS] = False
        changed[FOLDERS] = _folders(policy.get(FOLDERS) or [], wish.libraries, libraries)
    return changed


def same(policy: Policy, other: Policy) -> bool:
    """Whether two policies differ in nothing that is ours; the order and spelling of folders do not count."""
    return _comparable(policy) == _comparable(other)


def _folders(listed: list[str], wanted: Collection[str], libraries: Collection[str]) -> list[str]:
    # A folder that is no library of now may be one again: it goes only when nothing at all is left.
    kept = [folder for folder in listed if plain_id(folder) in wanted or plain_id(folder) not in libraries]
    had = {plain_id(folder) for folder in kept}
    return [*kept, *sorted(set(wanted) - had)] if wanted else []


def _comparable(policy: Policy) -> tuple[bool, frozenset[str], bool]:
    folders = frozenset(plain_id(folder) for folder in policy.get(FOLDERS) or [])
    return bool(policy.get(ALL_FOLDERS)), folders, bool(policy.get(LOCKED))
