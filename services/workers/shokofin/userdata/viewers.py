"""Whose user data is kept in step: people with an account on a Jellyfin server who have a user on its Shoko Server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from shared.directory.directory import Directory
from shared.directory.errors import NoSuchShokoUser
from shared.directory.records import Account, Server, ShokoPerson
from shared.runtime.secrets import Secret

from ...tools import Tools

HOW_TO_MAP = "enter people's Shoko users on the page of the Shoko Server (docs/shoko.md)"
_PAGE = 1_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Viewer(Struct, frozen=True, kw_only=True):
    """A person on both servers: `user_id` is Jellyfin's id of them, `key` opens their history on Shoko."""

    person_id: UUID
    account_id: UUID
    user_id: str
    name: str
    key: Secret


class Audience(Struct, frozen=True, kw_only=True):
    """Who takes part; `warnings` tell who would, if something were put right."""

    viewers: Sequence[Viewer] = ()
    warnings: Sequence[str] = ()


async def audience(tools: Tools, server: Server, shoko: Server) -> Audience:
    """Who takes part on a Jellyfin server. DirectoryError; VaultError."""
    mapped = {person.person_id: person for person in await tools.shoko_users.listed(shoko.id)}
    accounts = _one_each(
        [account for account in await accounts_of(tools.directory, server) if account.person_id in mapped]
    )
    viewers = [
        await viewer_of(tools, mapped[one.person_id], one) for one in accounts if mapped[one.person_id].state == "ok"
    ]
    warnings = [
        f"{person.person} is left out, as {shoko.name} no longer takes the key of {person.username}: enter it anew"
        for person in mapped.values()
        if person.state == "revoked"
    ]
    if not accounts:
        warnings.append(f"Nobody on {server.name} is mapped to a user of {shoko.name}: {HOW_TO_MAP}")
    return Audience(viewers=[viewer for viewer in viewers if viewer], warnings=warnings)


async def viewer_of(tools: Tools, person: ShokoPerson, account: Account) -> Viewer | None:
    """A person who is mapped. None: somebody has forgotten the mapping a moment ago, which holds up nobody else."""
    try:
        key = await tools.shoko_users.key(person.server_id, person.person_id)
    except NoSuchShokoUser:
        return None
    return Viewer(
        person_id=person.person_id,
        account_id=account.id,
        user_id=account.outside_id,
        name=person.person,
        key=key,
    )


async def accounts_of(directory: Directory, server: Server) -> list[Account]:
    """The accounts that are there, locked ones too."""
    found: list[Account] = []
    after: UUID | None = None
    while True:
        page = await directory.accounts(server.id, after=after, limit=_PAGE)
        found += [account for account in page if account.state in ("active", "disabled")]
        if len(page) < _PAGE:
            return found
        after = page[-1].id


def _one_each(accounts: Sequence[Account]) -> list[Account]:
    """One account a person: with two, each run would tell Shoko now the one's history, now the other's."""
    latest: dict[UUID, Account] = {}
    for account in sorted(accounts, key=lambda account: account.last_active_at or _LONG_AGO):
        latest[account.person_id] = account
    return sorted(latest.values(), key=lambda account: account.title)
