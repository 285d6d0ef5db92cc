"""The gateway as a service: what it is made of, in which order it starts, and in which it stops."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from aiohttp import ClientSession, web

from shared.backups.backups import Backups
from shared.directory.accessbook import AccessBook
from shared.directory.alerts import Alerts
from shared.directory.directory import MIGRATIONS as MEDIA_MIGRATIONS
from shared.directory.directory import SCHEMA as MEDIA
from shared.directory.directory import Directory, migrate_media
from shared.directory.ledger import Ledger
from shared.directory.mailroom import Mailroom
from shared.directory.membership import Membership
from shared.directory.preferences import Preferences
from shared.directory.shokousers import ShokoUsers
from shared.messaging import Bus
from shared.outside.http import new_session
from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.runtime.database_grants import grant
from shared.runtime.health import show_connection
from shared.runtime.secrets import Vault
from shared.runtime.telemetry import Telemetry

from . import following
from .alerts.watch import watch
from .api.routes import ROUTES
from .api.serving import build
from .auth.consents import Consents
from .auth.first import ensure_administrator
from .auth.passwords import Passwords
from .auth.sessions import Sessions
from .auth.throttle import Throttle
from .auth.tokens import Tokens
from .auth.trail import Trail
from .board import Board
from .context import Gateway
from .feed import FeedEar
from .hooks.book import Hooks
from .hooks.sender import Sender
from .hub import Hub
from .metrics import Metrics
from .notices import Notices
from .outlook import Outlooks
from .projector.loop import project
from .projector.progress import Progress
from .restoring import hand_controls_over
from .runwatch import RunWatch
from .schema import MIGRATIONS, SCHEMA, migrate_jobs
from .settings import GatewaySettings, Listening
from .store.database import Database, Pool

log = structlog.get_logger()


async def run(
    bus: Bus, settings: GatewaySettings, listening: Callable[[Listening], None], telemetry: Telemetry | None = None
) -> None:
    """Serve until cancelled, then stop in order. `listening` is called once requests are taken."""
    telemetry = telemetry or Telemetry()
    url = settings.database_url.reveal()
    await migrate_jobs(url)
    await migrate_media(url)
    await grant(url)
    async with AsyncExitStack() as resources:
        pool = await resources.enter_async_context(open_pool(url, schema=SCHEMA, max_size=8))
        media = await resources.enter_async_context(open_pool(url, schema=MEDIA, min_size=0, max_size=8))
        outside = await resources.enter_async_context(new_session())
        gateway = _assemble(bus, settings, pool, media, outside=outside, telemetry=telemetry)
        wished = settings.admin_password.reveal()
        password = await following.patiently(lambda: ensure_administrator(gateway.database, gateway.passwords, wished))
        await following.load_board(gateway)
        ear, progress = FeedEar(gateway), Progress(telemetry)
        async with asyncio.TaskGroup() as loops:
            for loop in (
                gateway.hub.run(),
                gateway.trail.run(),
                gateway.tokens.uses.run(),
                following.follow_catalogue(gateway),
                following.follow_controls(gateway),
                following.follow_notices(gateway),
                following.follow_lease(gateway),
                ear.follow(),
                following.follow_clock(gateway),
                following.follow_outside(gateway),
                following.follow_needs(gateway),
                hand_controls_over(gateway),
                project(bus, pool, ear.tell, progress),
                progress.watch(bus),
                Sender(gateway.database, gateway.hooks, outside, gateway.metrics).run(),
                watch(gateway, settings.settle_s),
            ):
                loops.create_task(loop)
            await gateway.board_loaded.wait()
            async with _serving(gateway, settings) as port:
                log.info("gateway_ready", host=settings.host, port=port)
                listening(Listening(host=settings.host, port=port, password=password))
                await asyncio.Event().wait()


def _assemble(
    bus: Bus, settings: GatewaySettings, pool: Pool, media: Pool, *, outside: ClientSession, telemetry: Telemetry
) -> Gateway:
    database, book = Database(pool), AccessBook(media)
    vault = settings.vault
    board = Board(secrets.token_hex(4), settings.timezone, timedelta(seconds=settings.lease_s))
    gateway = Gateway(
        board=board,
        hub=Hub(board, utc_now),
        run_watch=RunWatch(),
        bus=bus,
        database=database,
        directory=Directory(media, vault),
        membership=Membership(media),
        access_book=book,
        ledger=Ledger(media),
        preferences=Preferences(media),
        mailroom=Mailroom(media, vault, ZoneInfo(settings.timezone)),
        alerts=Alerts(media, vault),
        shoko_users=ShokoUsers(media, vault),
        backups=_backups(settings, vault),
        outlooks=Outlooks(book),
        outside=outside,
        passwords=Passwords(),
        sessions=Sessions(database),
        tokens=Tokens(database),
        throttle=Throttle(),
        consents=Consents(vault),
        hooks=Hooks(database, vault),
        trail=Trail(database),
        metrics=Metrics(telemetry.meter),
        tracer=telemetry.tracer("gateway"),
        notices=Notices(),
    )
    show_connection(telemetry.meter, "gateway", lambda: bus.connected)
    telemetry.meter.show("showrunner_database_up", "1 when Postgres answers.", lambda: gateway.database_up)
    gateway.metrics.show_board(board)
    gateway.metrics.show_streams(gateway.hub)
    return gateway


def _backups(settings: GatewaySettings, vault: Vault) -> Backups:
    schemas = {SCHEMA: MIGRATIONS, MEDIA: MEDIA_MIGRATIONS}
    return Backups(settings.backups, settings.database_url, vault, schemas, settings.backup_passphrase)


@asynccontextmanager
async def _serving(gateway: Gateway, settings: GatewaySettings) -> AsyncIterator[int]:
    """Serve HTTP inside the block. At its end: not ready, streams end, no new connections, open requests end."""
    runner = web.AppRunner(build(gateway, ROUTES), access_log=None, shutdown_timeout=settings.stop_s)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        gateway.stopping = True
        gateway.hub.close()
        gateway.run_watch.wake_all()
        await runner.cleanup()
        await gateway.trail.drain()
        await gateway.tokens.uses.write()
