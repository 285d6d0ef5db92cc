"""The images that compose.yaml names, with its settings, and the handles that a test needs to hurt them."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from abc import ABC, abstractmethod
from typing import Any, Self

import asyncpg
import yaml
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from services.cli.embedded.nats import USER
from services.cli.embedded.postgres import NAME, SUPERUSER
from tests.support.processes import CHECKOUT
from tests.support.waiting import wait_until

DEPLOY = CHECKOUT / "deploy"
READY_WITHIN = 60.0  # seconds
STOP_GRACE = 20  # seconds
CONNECT_WITHIN = 5.0  # seconds

# It tidies up after a test that died, but is one more image, which would be fetched.
testcontainers_config.ryuk_disabled = True


def images() -> dict[str, str]:
    """The image of each server, by its name in compose.yaml."""
    services = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]
    return {name: services[name]["image"] for name in ("nats", "postgres")}


class Contained(ABC):
    """A container that keeps its port and its data from the first start until the block ends."""

    name: str  # in compose.yaml
    inside: int  # the port that it listens on

    def __init__(self) -> None:
        self.port = _free_port()
        self._password = secrets.token_hex(16)
        self._container = DockerContainer(images()[self.name]).with_bind_ports(self.inside, self.port)

    async def __aenter__(self) -> Self:
        self._settle(self._container)
        try:
            await asyncio.to_thread(self._container.start)
            await self._until_ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._container.stop)

    async def stop(self) -> None:
        """Stop it cleanly; nothing happens if it does not run."""
        await asyncio.to_thread(self._docker.stop, timeout=STOP_GRACE)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        await asyncio.to_thread(self._docker.kill, "SIGKILL")
        await asyncio.to_thread(self._docker.wait)

    async def restart(self) -> None:
        """Start it again, after a clean stop if it runs."""
        await self.stop()
        await asyncio.to_thread(self._docker.start)
        await self._until_ready()

    @property
    def _docker(self) -> Any:
        return self._container.get_wrapped_container()

    async def _until_ready(self) -> None:
        try:
            await wait_until(self._answers, READY_WITHIN, what=f"{self.name} in its container")
        except AssertionError as error:
            error.add_note(b"".join(self._container.get_logs()).decode(errors="replace"))
            raise

    @abstractmethod
    def _settle(self, container: DockerContainer) -> None:
        """Give the container its settings, before it is there."""

    @abstractmethod
    async def _answers(self) -> bool:
        """One try at talking to it as a client does."""


class ContainedNats(Contained):
    """NATS as compose.yaml has it, but with one user who may do everything."""

    name, inside = "nats", 4222

    @property
    def url(self) -> str:
        return f"nats://{USER}:{self._password}@127.0.0.1:{self.port}"

    def pause(self) -> None:
        """Connections stay open and nothing answers."""
        self._docker.pause()

    def resume(self) -> None:
        """Go on after `pause()`."""
        self._docker.unpause()

    def _settle(self, container: DockerContainer) -> None:
        everybody = json.dumps([{"user": USER, "password": self._password}])
        container.with_copy_into_container(DEPLOY / "nats/nats.conf", "/etc/nats/nats-server.conf")
        container.with_copy_into_container(f"users: {everybody}\n".encode(), "/etc/nats/users.conf")

    async def _answers(self) -> bool:
        # Docker lets us in before the server does, and then closes the connection.
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    return (await reader.readline()).startswith(b"INFO ")
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False


class ContainedPostgres(Contained):
    """PostgreSQL as compose.yaml has it, with a database for Showrunner in it."""

    name, inside = "postgres", 5432

    @property
    def url(self) -> str:
        return self.url_for(NAME)

    def url_for(self, database: str, *, user: str = NAME) -> str:
        """Any database of this server, as its owner or as the superuser."""
        return f"postgresql://{user}:{self._password}@127.0.0.1:{self.port}/{database}"

    def _settle(self, container: DockerContainer) -> None:
        container.with_kwargs(user="postgres")
        container.with_command("postgres -c config_file=/etc/postgresql/postgresql.conf")
        container.with_copy_into_container(DEPLOY / "postgres/postgresql.conf", "/etc/postgresql/postgresql.conf")
        container.with_copy_into_container(self._password.encode(), "/run/secrets/postgres_password")
        container.with_env("POSTGRES_PASSWORD_FILE", "/run/secrets/postgres_password")

    async def _answers(self) -> bool:
        try:
            superuser = self.url_for("postgres", user=SUPERUSER)
            connection = await asyncpg.connect(superuser, timeout=CONNECT_WITHIN)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        try:
            await self._provide_database(connection)
        finally:
            await connection.close()
        return True

    async def _provide_database(self, connection: asyncpg.Connection) -> None:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", NAME):
            await connection.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{self._password}'")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
            await connection.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
