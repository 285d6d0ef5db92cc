"""The product's own embedded servers, with the handles that a test needs to hurt them."""

from __future__ import annotations

import signal
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from services.cli.embedded.nats import EmbeddedNats
from services.cli.embedded.postgres import NAME, EmbeddedPostgres
from services.cli.embedded.server import Server
from tests.support.processes import pause


class Hurtable(Protocol):
    """A server that a test may hurt, embedded or in a container."""

    @property
    def url(self) -> str:
        """Where it is, and all that is needed to be let in."""

    async def stop(self) -> None:
        """Stop it cleanly."""

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""

    async def restart(self) -> None:
        """Start it again in the same place with the same data, after a clean stop if it runs."""


class NatsServer(Hurtable, Protocol):
    """Any NATS that can be hurt."""

    def pause(self) -> None:
        """Connections stay open and nothing answers."""

    def resume(self) -> None:
        """Go on after `pause()`."""


class PostgresServer(Hurtable, Protocol):
    """Any PostgreSQL that can be hurt."""

    def url_for(self, database: str, *, user: str = NAME) -> str:
        """Any database of this server, as its owner or as the superuser."""


class Breakable(Server):
    """A server that only the test starts again, in the same place with the same data."""

    async def kill(self) -> None:
        """SIGKILL, and wait until it and its children are gone."""
        self._started().signal(signal.SIGKILL)
        await self.ended()

    async def restart(self) -> None:
        """Start it again, after a clean stop if it runs."""
        await self.stop()
        await self.start()


class BreakableNats(Breakable, EmbeddedNats):
    """NATS that keeps its port, its token and its store over `restart()`."""

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        pause(self._started().pid)

    def resume(self) -> None:
        """SIGCONT."""
        self._started().signal(signal.SIGCONT)

    async def stop(self) -> None:
        """As any server, even if it is paused."""
        if self._child is not None:
            self.resume()
        await super().stop()


class BreakablePostgres(Breakable, EmbeddedPostgres):
    """PostgreSQL that keeps its socket and its data over `restart()`."""


def socket_of(postgres_url: str) -> str:
    """The socket in the file system that the address of a PostgreSQL of ours leads to."""
    given = parse_qs(urlsplit(postgres_url).query)
    return f"{given['host'][0]}/.s.PGSQL.{given['port'][0]}"


def postgres_at(port: int) -> str:
    """The address of a PostgreSQL of ours that something on this machine passes on to."""
    return f"postgresql://{NAME}@127.0.0.1:{port}/{NAME}"
