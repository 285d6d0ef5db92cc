"""Which servers the tests with the mark `official` get: those of compose.yaml's images, or our embedded ones."""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from msgspec import Struct

from tests.support.servers import BreakableNats, BreakablePostgres, NatsServer, PostgresServer

VARIABLE = "SHOWRUNNER_TEST_SERVERS"
SOCKET = Path("/var/run/docker.sock")
ANSWERS_WITHIN = 5  # seconds


class Choice(Struct, frozen=True, kw_only=True):
    """`why` is for a person."""

    containers: bool
    why: str


class NoContainers(Exception):
    """Containers were asked for, and can't be had; the text says why, and how to mend it."""


def choose() -> Choice:
    """What the variable SHOWRUNNER_TEST_SERVERS asks for: `embedded`, `containers`, or `auto`, the default.

    NoContainers: containers are asked for and can't be had. ValueError: it is another word.
    """
    wish = os.environ.get(VARIABLE, "auto")
    if wish == "embedded":
        return Choice(containers=False, why=f"as {VARIABLE} says")
    if wish not in {"containers", "auto"}:
        raise ValueError(f"{VARIABLE} is embedded, containers or auto, not {wish!r}")
    lacking = _lacking()
    if lacking and wish == "containers":
        raise NoContainers(f"{VARIABLE} asks for containers, but {lacking}")
    return Choice(containers=not lacking, why=lacking or "Docker and both images are here")


def new_nats(folder: Path, *, contained: bool) -> AbstractAsyncContextManager[NatsServer]:
    """A NATS server for one block, in a container or in the folder."""
    if not contained:
        return BreakableNats(folder)
    from tests.support.contained import ContainedNats

    return ContainedNats()


def new_postgres(folder: Path, *, contained: bool) -> AbstractAsyncContextManager[PostgresServer]:
    """A PostgreSQL server for one block, in a container or in the folder."""
    if not contained:
        return BreakablePostgres(folder)
    from tests.support.contained import ContainedPostgres

    return ContainedPostgres()


def _lacking() -> str:
    """What keeps us from containers; nothing is ever fetched."""
    where = os.environ.get("DOCKER_HOST") or f"unix://{SOCKET}"
    if not where.startswith("unix://") or not Path(where.removeprefix("unix://")).exists():
        return "no Docker daemon is on this machine"
    # Half a second to read, which only those need to wait who have a Docker.
    import docker

    from tests.support.contained import images

    try:
        client = docker.DockerClient(base_url=where, timeout=ANSWERS_WITHIN)
        try:
            for image in images().values():
                client.images.get(image)
        finally:
            client.close()
    except docker.errors.ImageNotFound:
        return f"the image {image} is not here: docker pull {image}"
    except docker.errors.DockerException as error:
        return f"the Docker daemon does not answer ({error})"
    return ""
