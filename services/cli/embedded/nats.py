"""NATS with JetStream, for this machine alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.cli.embedded import binaries
from services.cli.embedded.child import Child
from services.cli.embedded.private import private_folder, secret_in, write_private
from services.cli.embedded.room import refused_for_nothing
from services.cli.embedded.server import Server
from services.cli.embedded.staging import Staging
from shared.contracts.subjects import TICKS
from shared.messaging.permissions import SUBSCRIBER, subscriber

USER = "showrunner"
MAX_PAYLOAD = 8 * 1024 * 1024  # bytes
# Bytes. NATS would take three quarters of what is free when it starts, and refuse streams that might come to hold more.
MAX_STORE = 1024**4
LOG_SIZE = 8 * 1024 * 1024  # bytes a log file
LOG_FILES = 4
ANY_PORT = -1  # in the server's configuration
GREETING_WITHIN = 2.0  # seconds
LOOK_S = 10.0
# Who logs out may have all that is theirs in memory taken away (systemd's RemoveIPC): then no batch can be written.
STAGING_LOOK_S = 1.0


class EmbeddedNats(Server):
    """A NATS server on 127.0.0.1 that asks for a password, with JetStream in its folder, every write on disk when
    acknowledged.

    `port` 0 takes a free one and keeps it as long as this object lives. Whether it refuses writes for which there is
    room is looked at every `look_s` seconds.
    """

    name = "NATS"
    ready_within = 60.0

    def __init__(self, home: Path, *, port: int = 0, look_s: float = LOOK_S) -> None:
        super().__init__(home)
        self.port = port
        self._look_s = look_s
        self._staging = Staging(self._store / "jetstream" / "$G" / "streams" / TICKS)

    @property
    def address(self) -> str:
        """Where it listens, fit for logs."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where it listens, and the password of the user who may do everything: a secret."""
        return f"nats://{USER}:{self.token}@127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """That password: made at the first start, kept in the folder."""
        return secret_in(self.home / "token")

    @property
    def subscriber_url(self) -> str:
        """The same for the user who may listen to the feed, and do nothing else."""
        return f"nats://{SUBSCRIBER}:{secret_in(self.home / 'subscriber')}@127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server says of itself; begun anew when it has grown large."""
        return self.home / "nats.log"

    @property
    def _store(self) -> Path:
        return self.home / "store"

    @property
    def _ports(self) -> Path:
        return self.home / "ports"

    async def start(self) -> None:
        """As every server does. Batches of ticks are put together in memory from then on."""
        await super().start()
        self._staging.look()

    async def stop(self) -> None:
        """As every server does. Nothing of it stays in memory."""
        await super().stop()
        self._staging.clear()

    async def keep_running(self, report: Callable[[str], None]) -> None:
        """As every server is, and started anew when it refuses writes for which there is room again."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(super().keep_running(report))
            loops.create_task(self._keep_writing(report))
            loops.create_task(self._keep_staging())

    async def _keep_writing(self, report: Callable[[str], None]) -> None:
        while True:
            await refused_for_nothing(self.log, self._store, report, self._look_s)
            report("NATS refuses writes since the disk was full, and there is room: starting it anew")
            await self.stop()

    async def _keep_staging(self) -> None:
        while True:
            await asyncio.sleep(STAGING_LOOK_S)
            self._staging.look()

    async def _prepare(self, lock: int) -> None:
        private_folder(self._ports)
        for left in self._ports.iterdir():
            left.unlink()
        self._staging.clear()
        write_private(self.home / "server.conf", json.dumps(self._settings(), indent=2).encode())

    def _launch(self, lock: int) -> Child:
        return self._spawn([str(binaries.nats_server()), "--config", str(self.home / "server.conf")], keep=[lock])

    def _settings(self) -> dict[str, Any]:
        # The server's configuration language takes JSON as it is.
        return {
            "server_name": "showrunner",
            "host": "127.0.0.1",
            "port": self.port or ANY_PORT,
            "ports_file_dir": str(self._ports),
            "authorization": {"users": [{"user": USER, "password": self.token}, self._subscriber()]},
            "max_payload": MAX_PAYLOAD,
            "jetstream": {
                "store_dir": str(self._store),
                "max_file_store": MAX_STORE,
                "sync_interval": "always",
            },
            "logfile": str(self.log),
            "logfile_size_limit": LOG_SIZE,
            "logfile_max_num": LOG_FILES,
        }

    def _subscriber(self) -> dict[str, Any]:
        who = subscriber()
        permissions = {"publish": {"deny": who.never}, "subscribe": who.subscribe}
        return {"user": who.name, "password": secret_in(self.home / "subscriber"), "permissions": permissions}

    async def _answers(self, pid: int) -> bool:
        port = self._port_of(pid)
        if port is None:
            return False
        try:
            async with asyncio.timeout(GREETING_WITHIN):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    greeting = await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False
        self.port = port
        self._tell("url", self.url)
        self._tell("subscriber_url", self.subscriber_url)
        return greeting.startswith(b"INFO ")

    def _tell(self, name: str, url: str) -> None:
        """For programs of other people's making: with this file they need to know neither port nor password."""
        file = self.home / name
        if not file.exists() or file.read_bytes() != url.encode():
            write_private(file, url.encode())

    def _port_of(self, pid: int) -> int | None:
        """The port that this very process listens on: it writes it down once it accepts clients."""
        with suppress(FileNotFoundError, ValueError, KeyError, IndexError):
            written = json.loads((self._ports / f"nats-server_{pid}.ports").read_bytes())
            return urlsplit(str(written["nats"][0])).port
        return None

    def _logs(self) -> list[Path]:
        return [self.log]
