"""deploy/swarm/stack.yaml as a stack of a Docker Swarm of one node, with secrets and on a port of the test's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.containers.docker import docker, run
from tests.containers.stack import CHECKOUT, IMAGE, free_port
from tests.support.waiting import wait_until

GONE_WITHIN = 90.0  # seconds


@contextmanager
def swarm() -> Iterator[None]:
    """See to it that the daemon is in a Swarm; one that was made for us is left again."""
    if docker("info", "--format", "{{.Swarm.LocalNodeState}}").strip() == "active":
        yield
        return
    docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    try:
        yield
    finally:
        docker("swarm", "leave", "--force")


class SwarmStack:
    """A stack by this name."""

    def __init__(self, name: str, secrets: Path) -> None:
        self.name = name
        self.secrets = secrets
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def deploy(self) -> None:
        """Make the secrets that are missing, and the services."""
        run("sh", str(CHECKOUT / "deploy/compose/make-secrets.sh"), str(self.secrets))
        environment = os.environ | {
            "SHOWRUNNER_IMAGE": IMAGE,
            "SHOWRUNNER_PUBLISH": str(self.port),
            "SHOWRUNNER_SECRETS": str(self.secrets),
        }
        file = str(CHECKOUT / "deploy/swarm/stack.yaml")
        # The images are on this machine, and in no registry.
        run("docker", "stack", "deploy", "--resolve-image=never", "--compose-file", file, self.name,
            environment=environment)  # fmt: skip

    async def remove(self) -> None:
        """Take everything away, and what it kept."""
        docker("stack", "rm", self.name)
        await wait_until(lambda: not self.containers(), GONE_WITHIN, what="no container of the stack")
        volumes = docker("volume", "ls", "--quiet", f"--filter=name={self.name}_").split()
        docker("volume", "rm", *volumes)

    def containers(self, service: str = "") -> list[str]:
        """The containers of a service, or of all, running or not."""
        labels = [f"label=com.docker.stack.namespace={self.name}"]
        labels += [f"label=com.docker.swarm.service.name={self.name}_{service}"] if service else []
        return docker("ps", "--all", "--quiet", *(f"--filter={label}" for label in labels)).split()

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()
