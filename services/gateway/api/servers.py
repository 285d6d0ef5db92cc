"""Calls about the servers. A server's token is taken, kept sealed, and never shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from shared.directory.records import NewServer, Server, ServerEdit, ServerKind, Sighting
from shared.outside.check import Check, check_addresses
from shared.outside.errors import OutsideError, Unauthorized
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from ..store.database import outages_named
from .problems import Problem
from .route import Call, Nothing

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ServerBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server to add. It is looked at first, and refused if something is wrong with it, unless `unchecked`.

    `shoko_id`, of a Jellyfin server: which of several Shoko Servers is behind it.
    """

    kind: ServerKind
    name: Name
    url: str
    token: str
    local_url: str = ""
    public_url: str = ""
    enabled: bool = True
    shoko_id: UUID | None = None
    unchecked: bool = False

    def __post_init__(self) -> None:
        _check_urls(self.url, self.local_url, self.public_url)
        if not self.url:
            raise ValueError("`url` is empty: write the server's address, such as http://192.168.1.10:32400")

    def __repr__(self) -> str:
        return f"ServerBody(kind={self.kind!r}, name={self.name!r})"


class ServerChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. A new address or token is tried first, unless `unchecked`.

    A `shoko_id` of null: no Shoko Server is named any more; it is the only one, if there is just one.
    """

    name: Name | None = None
    url: str | None = None
    local_url: str | None = None
    public_url: str | None = None
    token: str | None = None
    enabled: bool | None = None
    shoko_id: UUID | UnsetType | None = UNSET
    unchecked: bool = False

    def __post_init__(self) -> None:
        _check_urls(self.url or "", self.local_url or "", self.public_url or "")
        if self.url == "":
            raise ValueError("`url` is empty: leave it out, or write the server's address")

    def __repr__(self) -> str:
        return f"ServerChange(name={self.name!r})"


class ServerList(Struct, frozen=True, kw_only=True):
    servers: tuple[Server, ...]


async def list_servers(call: Call, _: Nothing) -> ServerList:
    """The media servers, the oldest first."""
    with outages_named():
        return ServerList(servers=tuple(await call.gateway.directory.servers()))


async def show_server(call: Call, _: Nothing) -> Server:
    """One media server."""
    return await _server(call)


async def add_server(call: Call, body: ServerBody) -> Server:
    """Add a media server, once it was looked at."""
    new = NewServer(
        kind=body.kind,
        name=body.name,
        url=body.url,
        token=Secret(body.token),
        local_url=body.local_url,
        public_url=body.public_url,
        enabled=body.enabled,
        shoko_id=body.shoko_id,
    )
    addresses = tuple(url for url in (new.url, new.local_url, new.public_url) if url)
    with outages_named():
        _insist_new(addresses, await call.gateway.directory.servers(body.kind))
    sighting = await _look(call, body.kind, addresses, new.token, who=body.name)
    _insist(sighting, unchecked=body.unchecked)
    with outages_named():
        server = await call.gateway.directory.add_server(new, sighting, utc_now())
    await call.record("server.add", str(server.id), None, server)
    return server


def _insist_new(addresses: Iterable[str], there: Iterable[Server]) -> None:
    """Raises `duplicate_server` when one of these servers has one of the addresses: all that a Shoko Server goes by."""
    wished = {address.rstrip("/") for address in addresses}
    for server in there:
        if wished & {address.rstrip("/") for address in server.addresses}:
            raise Problem("duplicate_server", f"{server.name} has been added before, with this address.")


async def change_server(call: Call, body: ServerChange) -> Server:
    """Change a media server."""
    before = await _server(call)
    directory = call.gateway.directory
    given = {name: getattr(body, name) for name in ("name", "url", "local_url", "public_url", "enabled")}
    edit = ServerEdit(**given, shoko_id=body.shoko_id, token=None if body.token is None else Secret(body.token))
    wished = structs.replace(before, **{name: value for name, value in given.items() if value is not None})
    sighting = None
    if wished.addresses != before.addresses:
        with outages_named():
            _insist_new(wished.addresses, (s for s in await directory.servers(before.kind) if s.id != before.id))
    if wished.addresses != before.addresses or edit.token:
        with outages_named():
            token = edit.token or await directory.token(before.id)
        sighting = await _look(
            call, wished.kind, wished.addresses, token, who=wished.name, identifier=before.identifier
        )
        _insist(sighting, unchecked=body.unchecked)
    with outages_named():
        after = await directory.change_server(before.id, edit)
    if sighting is not None:
        after = await _note(call, before.id, sighting)
    await call.record("server.change", str(before.id), before, after)
    return after


async def remove_server(call: Call, _: Nothing) -> None:
    """Remove a media server with its libraries and accounts; people stay."""
    before = await _server(call)
    with outages_named():
        await call.gateway.directory.remove_server(before.id)
    await call.record("server.remove", str(before.id), before, None)


async def check_server(call: Call, _: Nothing) -> Server:
    """Look at a media server now; the server with what was found."""
    server = await _server(call)
    with outages_named():
        token = await call.gateway.directory.token(server.id)
    sighting = await _look(call, server.kind, server.addresses, token, who=server.name, identifier=server.identifier)
    return await _note(call, server.id, sighting)


async def _server(call: Call) -> Server:
    with outages_named():
        return await call.gateway.directory.server(call.id("server_unknown"))


async def _look(
    call: Call, kind: ServerKind, addresses: tuple[str, ...], token: Secret, *, who: str, identifier: str = ""
) -> Sighting:
    try:
        check = await check_addresses(call.gateway.outside, kind, addresses, token, who=who, identifier=identifier)
    except OutsideError as error:
        return Sighting(state="unauthorized" if isinstance(error, Unauthorized) else "down", error=error.message)
    return _sighting(check)


def _sighting(check: Check) -> Sighting:
    return Sighting(
        state="up",
        identifier=check.identifier,
        real_name=check.name,
        version=check.version,
        latency_ms=check.latency_ms,
    )


def _insist(sighting: Sighting, *, unchecked: bool) -> None:
    if sighting.state != "up" and not unchecked:
        raise Problem("server_refused", sighting.error)


async def _note(call: Call, server_id: UUID, sighting: Sighting) -> Server:
    with outages_named():
        return await call.gateway.directory.note_sighting(server_id, sighting, utc_now())


def _check_urls(*urls: str) -> None:
    for url in urls:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("an address begins with http:// or https:// and names a host")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("an address has no user, password or query in it: secrets belong in `token`")
