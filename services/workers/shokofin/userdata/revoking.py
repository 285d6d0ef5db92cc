"""A key that Shoko does not take any more: written down, so that people see it, and nobody asks with it again."""

from __future__ import annotations

from uuid import UUID

from shared.directory.errors import NoSuchShokoUser
from shared.directory.records import Server
from shared.runtime.secrets import Secret

from ...tools import Tools


async def revoked(tools: Tools, shoko: Server, person_id: UUID, key: Secret) -> None:
    """Note that a person's key opens nothing, unless they have another by now."""
    try:
        await tools.shoko_users.mark_revoked(shoko.id, person_id, key)
    except NoSuchShokoUser:
        # They were taken out meanwhile: there is nothing left that could be marked.
        return
