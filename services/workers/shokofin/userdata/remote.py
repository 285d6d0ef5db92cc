"""What Shoko's list of files tells of what a user has viewed there, hundreds of files at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import aclosing

from shared.outside.errors import OutsideError, Unreachable
from shared.runtime.secrets import Secret

from ...clients.shoko import ShokoClient
from .terms import Viewing


async def tells_viewings(client: ShokoClient, keys: Iterable[Secret]) -> bool:
    """Whether the list tells what users have viewed: whether it does so of any of these. Unreachable.

    A list that tells it of nobody is no proof that nobody has viewed anything: then files are asked for one by one.
    """
    for key in keys:
        try:
            async with aclosing(client.viewings(key, page=1)) as pages:
                if await anext(pages):
                    return True
        except Unreachable:
            raise
        except OutsideError:
            # Of this key no more can be said here; who reads with it will be told why.
            continue
    return False


async def viewings(client: ShokoClient, key: Secret) -> Mapping[str, Viewing]:
    """What the user of the key has viewed, by file. Unauthorized; OutsideError."""
    found: dict[str, Viewing] = {}
    async for page in client.viewings(key):
        for viewing in page:
            found.setdefault(viewing.file_id, viewing)
    return found
