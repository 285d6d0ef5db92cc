"""Plex: what a share offers, and what it is to offer. Values in, values out; libraries go by their server's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from msgspec import Struct

from ..access.presence import Present, Wish
from . import plex_reading as reading

Keys = frozenset[str]

SETTINGS = {
    **dict.fromkeys(("allowSync", "allowCameraUpload", "allowChannels"), "0"),
    **dict.fromkeys(("filterMovies", "filterTelevision", "filterMusic"), ""),
}
"""What else a share allows, and what is usual: as plexapi's `inviteFriend` sends it."""


class Target(Struct, frozen=True, kw_only=True):
    """What a share is to be: of these libraries, of all (those to come included) or not, or as it is in that (None)."""

    libraries: Keys = frozenset()
    all_libraries: bool | None = None
    settings: Mapping[str, str] = {}


NO_SHARE = Target()


def present(share: Element | None, libraries: Keys, *, is_known: bool) -> Present:
    """What somebody has of the `libraries`; `is_known`: they are a friend of the owner or of the home."""
    if share is None:
        return Present(state="active", raw=account_of(None)) if is_known else Present(state="removed")
    pending = reading.is_pending(share)
    return Present(
        observed=reading.shared_libraries(share, libraries),
        all_libraries=reading.is_of_all(share) and not pending,
        state="pending" if pending else "active",
        raw=account_of(share),
    )


def account_of(share: Element | None) -> dict[str, Any]:
    """A share in plain values, from which `target` makes the same again."""
    if share is None:
        return {"share": "", "all": False, "libraries": [], "settings": {}}
    return {
        "share": share.get("id", ""),
        "all": reading.is_of_all(share),
        "libraries": sorted(reading.named_libraries(share)),
        "settings": {name: share.attrib[name] for name in SETTINGS if name in share.attrib},
    }


def target(wish: Wish, libraries: Keys) -> Target:
    """What the share is to be; of a former one, what is still there."""
    if wish.restore is None:
        return Target(libraries=wish.libraries)
    former = wish.restore
    return Target(
        libraries=libraries if former["all"] else libraries.intersection(former["libraries"]),
        all_libraries=former["all"],
        settings=former["settings"],
    )


def fulfils(share: Element | None, wanted: Target, libraries: Keys) -> bool:
    """Whether a share is as wanted. Its settings do not count: plex.tv keeps those by friend as well."""
    if share is None:
        return not wanted.libraries
    if wanted.all_libraries is not None and wanted.libraries and reading.is_of_all(share) != wanted.all_libraries:
        return False
    return reading.offered_libraries(share, libraries) == wanted.libraries


def by_holder(who: str, shares: Sequence[Element], account: str) -> Element | None:
    """The share of this account (outside id), or None."""
    return next((share for share in shares if reading.share_holder(who, share) == account), None)


def by_email(elements: Sequence[Element], email: str) -> Element | None:
    """The user or share of this e-mail address, letter case aside, or None."""
    wanted = email.casefold()
    return next((element for element in elements if element.get("email", "").casefold() == wanted), None)
