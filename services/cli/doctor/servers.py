"""The media servers: does each answer, and does its token open it?"""

from __future__ import annotations

from collections.abc import Mapping

from shared.directory.records import Server
from shared.outside.check import check_addresses
from shared.outside.errors import OutsideError, Unauthorized
from shared.outside.http import new_session
from shared.runtime.secrets import Secret

from .findings import Finding, fault, ok, warning


async def media_servers(servers: list[Server], tokens: Mapping[str, Secret]) -> list[Finding]:
    """A line for each that is switched on and whose token we have."""
    if not servers:
        return [warning("media servers", "there is none yet", "showrunner servers add plex NAME ADDRESS")]
    async with new_session() as session:
        found = []
        for server in servers:
            if server.enabled and str(server.id) in tokens:
                about = f"server {server.name}"
                try:
                    check = await check_addresses(
                        session,
                        server.kind,
                        server.addresses,
                        tokens[str(server.id)],
                        who=server.name,
                        identifier=server.identifier,
                    )
                except OutsideError as error:
                    found.append(fault(about, error.message, _mend(error)))
                else:
                    found.append(ok(about, f"{server.kind} {check.version}, {check.latency_ms:.0f} ms"))
        return found


def _mend(error: OutsideError) -> str:
    if isinstance(error, Unauthorized):
        return "give it a new token on the page, under Servers"
    return "start it, or correct its address on the page, under Servers"
