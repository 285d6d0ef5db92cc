"""Gives people back what they had watched of items that Jellyfin has given other ids.

Where the plugin brings a task for this (for Jellyfin 10.9), that is run. Elsewhere it is done from memory: each run
remembers by Shoko's ids what has been watched, so that a later one knows it when the item of then is gone.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import structs

from shared.directory.effects import LedgerRow
from shared.directory.records import Account
from shared.outside.errors import OutsideError

from ...clients.jellyfin_userdata import JellyfinUserData
from ...door import RunContext
from ...tools import Tools
from ..delegation import RUN, Delegated
from ..places import Place
from ..work import Planned, Step, not_installed, reading
from . import carrying, heirs, local, sides
from .asking import Troubles
from .local import Histories
from .planning import Share
from .sides import Person, Sides
from .terms import History
from .videos import Video
from .viewers import accounts_of

TASK = "ShokoMigrateEpisodeUserDataTask"


class Migration:
    """The work of migrate_user_data."""

    needs_library = False

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._plugin = Delegated(TASK, needs_library=False)
        self.kinds: Mapping[str, str] = {
            sides.ANEW: "given back to new items",
            sides.BACK: "taken back",
            **self._plugin.kinds,
        }

    async def plan(self, run: RunContext, place: Place) -> Planned:
        """The plugin's task, or what is to be given back. What is there is remembered, unless it is a rehearsal."""
        if place.plugin is None:
            return not_installed(place)
        delegated = any(task.key == TASK for task in await place.tasks.tasks())
        known = await local.videos_on(place.media, reading(run, place), restricted=True)
        shares = []
        for account in await accounts_of(self._tools.directory, place.server):
            run.progress(None, f"{place.server.name}: looking what {account.title} has watched")
            shares.append(await self._share(run, place, account, known, giving=not delegated))
        mine = Planned(
            steps=[step for share in shares for step in share.steps],
            failures=[failure for share in shares for failure in share.failures],
            transient=any(share.transient for share in shares),
        )
        if delegated:
            planned = await self._plugin.plan(run, place)
            return structs.replace(mine, steps=planned.steps)
        return structs.replace(mine, warnings=[await self._from_memory(place)])

    async def carry(self, run: RunContext, place: Place, row: LedgerRow) -> str:
        """Have the plugin do it, or write what is remembered."""
        if row.kind == RUN:
            return await self._plugin.carry(run, place, row)
        detail = await carrying.carry(self._tools, place, row)
        wanted = sides.read(row.after)
        if row.kind == sides.ANEW and row.account_id is not None:
            # It is the new item's from now on: what is taken back there must not come again from here.
            await self._tools.watch_memory.forget(row.account_id, wanted.file, wanted.episode)
        return detail

    def inverse(self, row: LedgerRow) -> Step | None:
        """The new item as it was; what the plugin did, nobody knows."""
        return None if row.kind == RUN else sides.taken_back(row)

    async def _share(
        self, run: RunContext, place: Place, account: Account, known: Mapping[str, Video], *, giving: bool
    ) -> Share:
        troubles, media = Troubles(), JellyfinUserData(place.media.requests)
        try:
            seen = await local.histories(media, account.outside_id, known, troubles)
        except OutsideError as error:
            return Share(failures=[f"{account.title}: {error}"], transient=error.transient)
        steps = await self._given(run, account, known, seen) if giving else []
        if not run.dry_run:
            await self._remember(account, known, seen)
        failures = [f"{account.title}: {clause}" for clause in troubles.clauses]
        return Share(steps=steps, failures=failures, transient=troubles.transient)

    async def _given(
        self, run: RunContext, account: Account, known: Mapping[str, Video], seen: Histories
    ) -> list[Step]:
        memory = self._tools.watch_memory
        heritage = heirs.inherited(await memory.of_gone(account.id, known), known.values(), seen)
        for each in () if run.dry_run else heritage.outlived:
            await memory.forget(account.id, each.shoko_file, each.shoko_episode)
        person = Person(
            user_id=account.outside_id, account_id=account.id, person_id=account.person_id, name=account.title
        )
        steps = []
        for remembered, heir in heritage.given:
            before = Sides(
                user=account.outside_id,
                item=heir.id,
                file=remembered.shoko_file,
                episode=remembered.shoko_episode,
                jellyfin=History(),
            )
            after = structs.replace(before, jellyfin=msgspec.convert(remembered.data, History))
            why = "Jellyfin has given it a new id, and what was watched went with the former"
            steps.append(sides.step(person, heir, before, after, kind=sides.ANEW, why=why))
        return steps

    async def _remember(self, account: Account, known: Mapping[str, Video], seen: Histories) -> None:
        memory = self._tools.watch_memory
        await memory.forget_items(account.id, [item for item, history in seen.items() if history.empty])
        await memory.remember(account.id, heirs.memories(known, seen), self._tools.now())

    async def _from_memory(self, place: Place) -> str:
        count = await self._tools.watch_memory.count(place.server.id)
        return (
            f"Shokofin on {place.server.name} has no task for this any more, so that histories are given back from "
            f"what earlier runs have remembered: {count} now"
        )
