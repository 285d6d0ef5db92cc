"""Writes what a step says of one video for one user: to Jellyfin, to Shoko, or to both."""

from __future__ import annotations

from msgspec import UNSET

from shared.directory.effects import LedgerRow
from shared.directory.errors import NoSuchShokoUser
from shared.outside.errors import Refused, Unauthorized
from shared.runtime.secrets import Secret

from ...clients.jellyfin_userdata import JellyfinUserData
from ...tools import Tools
from ..places import Place
from ..work import NotNow
from . import sides
from .revoking import revoked
from .sides import Present, Sides
from .terms import History, Stats


async def carry(tools: Tools, place: Place, row: LedgerRow) -> str:
    """See `Work.carry`: each side is written that is as it was planned, and both are looked at before."""
    before, after = sides.read(row.before), sides.read(row.after)
    media = JellyfinUserData(place.media.requests)
    key = await _key(tools, place, row) if after.shoko is not UNSET else None
    present = Present(
        jellyfin=await media.read(after.user, after.item) if after.jellyfin is not UNSET else None,
        shoko=await _asked(tools, place, row, key, after) if key else None,
    )
    left = sides.to_write(present, before, after, begun=row.state == "claimed")
    if isinstance(left, str):
        raise NotNow(left)
    if key and left.shoko is not UNSET:
        await _to_shoko(tools, place, key, left)
    if isinstance(left.jellyfin, History):
        await media.write(left.user, left.item, left.jellyfin)
    return "" if left.jellyfin is not UNSET or left.shoko is not UNSET else "it was so already"


async def _key(tools: Tools, place: Place, row: LedgerRow) -> Secret:
    if place.shoko is None or row.person_id is None:
        raise NotNow("no Shoko Server is behind it any more")
    try:
        person = await tools.shoko_users.get(place.shoko.id, row.person_id)
        if person.state == "revoked":
            raise NotNow(f"{place.shoko.name} does not take the key of {person.username}: enter it anew")
        return await tools.shoko_users.key(place.shoko.id, row.person_id)
    except NoSuchShokoUser:
        raise NotNow(f"nobody says any more which user of {place.shoko.name} this person is") from None


async def _asked(tools: Tools, place: Place, row: LedgerRow, key: Secret, wanted: Sides) -> Stats | None:
    try:
        return await place.needed_shoko().stats(key, wanted.file)
    except Unauthorized:
        if place.shoko is not None and row.person_id is not None:
            await revoked(tools, place.shoko, row.person_id, key)
        raise


async def _to_shoko(tools: Tools, place: Place, key: Secret, left: Sides) -> None:
    # What Shoko did not know can't be made unknown to it again, but be emptied; now, lest Jellyfin's seems the newer.
    stats = left.shoko if isinstance(left.shoko, Stats) else Stats(last_updated_at=tools.now())
    try:
        await place.needed_shoko().put_stats(key, left.file, stats)
    except Refused as refusal:
        if refusal.status == 404:
            raise NotNow("Shoko has no such file any more") from None
        raise
