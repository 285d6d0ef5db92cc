"""Where Jellyfin looks for a token: the old places up to 10.11, only the present ones from 12 on."""

from __future__ import annotations

import re

from tests.simulators.base import Call

_PAIR = re.compile(r'(\w+)="([^"]*)"')


def authorization(call: Call, *, legacy: bool) -> dict[str, str]:
    """What the Authorization header says: Client, Device, DeviceId, Version, Token."""
    header = call.header("Authorization") or (call.header("X-Emby-Authorization") if legacy else None) or ""
    scheme, _, pairs = header.partition(" ")
    schemes = ("mediabrowser", "emby") if legacy else ("mediabrowser",)
    return dict(_PAIR.findall(pairs)) if scheme.lower() in schemes else {}


def token(call: Call, *, legacy: bool) -> str:
    """The token of a request, or "".

    Order and places as in Jellyfin's AuthorizationContext; `legacy` is its EnableLegacyAuthorization.
    """
    places = [authorization(call, legacy=legacy).get("Token")]
    if legacy:
        places += [call.header("X-Emby-Token"), call.header("X-MediaBrowser-Token")]
    places.append(call.query("ApiKey"))
    if legacy:
        places.append(call.query("api_key"))
    return next((place for place in places if place), "")
