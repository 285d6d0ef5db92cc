"""The whole examination, in the order in which one thing needs another; what can't be reached is not asked further."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from services.cli.remote.address import local_address
from services.cli.wiring import nats_tls
from services.gateway.store.database import DatabaseUnreachable, outages_named
from shared.directory.directory import SCHEMA, Directory
from shared.directory.mailsetup import MailSetUp
from shared.messaging import MessagingError, connect, servers_in
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.runtime.settings import Settings, SettingsError, read_settings

from . import api, here, nats, work
from .database import database, seals, vault_of
from .findings import Finding, fault, ok
from .installation import Installation, installation_of
from .mail import mail
from .servers import media_servers

WITHIN = 30.0  # seconds for what one server is asked


async def examine(environ: Mapping[str, str], file: Path | None, data: str = "") -> AsyncIterator[Finding]:
    """Every finding as soon as it is there. Nothing is changed, and nothing made."""
    try:
        settings = read_settings(environ, file)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield fault("settings", line, "correct it, and look again; `showrunner settings` lists all")
        return
    yield ok("settings", f"from {file} and the environment" if file else "from the environment")
    try:
        installation = installation_of(settings, data)
        seen_here = here.places(installation, utc_now())
    except OSError as error:
        yield fault("data folder", f"{error.filename}: {error.strerror}", "look as the user that runs Showrunner")
        return
    for finding in seen_here:
        yield finding
    async for finding in _servers_of_ours(installation):
        yield finding
    url = local_address(environ, file) if not data else f"http://{settings.host}:{settings.port}"
    yield await api.gateway(url, settings.host, settings.port)


async def _servers_of_ours(installation: Installation) -> AsyncIterator[Finding]:
    if url := installation.nats_url.reveal():
        doors = [await nats.door(server) for server in servers_in(url)]
        for finding in doors:
            yield finding
        if any(finding.level == "ok" for finding in doors):
            for found in await _on_nats(url, installation.settings):
                yield found
    if url := installation.database_url.reveal():
        findings, readable = await database(url)
        for found in findings:
            yield found
        if readable:
            for found in await _kept(installation, url):
                yield found


async def _on_nats(url: str, settings: Settings) -> list[Finding]:
    try:
        async with asyncio.timeout(WITHIN), connect(url, "doctor", nats_tls(settings)) as bus:
            return [*await nats.streams(bus, settings.replicas), await nats.leader(bus), *await work.workers(bus)]
    except (TimeoutError, MessagingError) as error:
        return [fault("NATS", f"stopped answering: {str(error) or 'too slow'}", "see its log")]


async def _kept(installation: Installation, url: str) -> list[Finding]:
    """What the database keeps: the media servers, their tokens, and how mail is set up."""
    try:
        with outages_named():
            async with asyncio.timeout(WITHIN), open_pool(url, schema=SCHEMA, min_size=0, max_size=1) as pool:
                vault = vault_of(installation.key_file, installation.settings.secret("key"))
                directory = Directory(pool, vault)
                servers = await directory.servers()
                findings, tokens = await seals(directory, servers)
                findings += await mail(MailSetUp(pool, vault, ZoneInfo(installation.settings.timezone)))
    except (DatabaseUnreachable, TimeoutError, msgspec.ValidationError) as error:
        return [fault("PostgreSQL", f"what it keeps can't be read: {str(error) or 'too slow'}", "see its log")]
    return [*findings, *await media_servers(servers, tokens)]
