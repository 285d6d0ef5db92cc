"""compose.yaml, up and running under a name, on a port and with secrets of the test's own."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

from tests.containers.docker import compose, docker, inspect, run
from tests.support.waiting import wait_until

CHECKOUT = Path(__file__).parents[2]
IMAGE = "showrunner-under-test"
OURS = ("gateway", "scheduler", "worker-sync", "worker-access", "worker-mail", "worker-maintenance")
SERVERS = ("nats", "postgres")
HEALTHY_WITHIN = 90.0  # seconds


class Stack:
    """All containers of compose.yaml. `project` is in the names of all that it makes."""

    def __init__(self, project: str, secrets: Path, image: str = IMAGE) -> None:
        self.project = project
        self.image = image
        self.environment: dict[str, str] = {}
        self.secrets = secrets
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def make_secrets(self) -> str:
        """Run the script that an operator runs; what it said."""
        return run("sh", str(CHECKOUT / "deploy/compose/make-secrets.sh"), str(self.secrets))

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()

    async def up(self, *arguments: str, publish: str = "") -> None:
        """Start what is not running, and wait until all is healthy. `publish` is another place for the gateway."""
        self._compose(publish or f"127.0.0.1:{self.port}", "up", "--detach", "--no-build", *arguments)
        for service in (*SERVERS, *OURS):
            await self.healthy(service)

    def _compose(self, publish: str, *arguments: str) -> str:
        environment = os.environ | {
            "COMPOSE_PROJECT_NAME": self.project,
            "SHOWRUNNER_IMAGE": self.image,
            "SHOWRUNNER_PUBLISH": publish,
            "SHOWRUNNER_SECRETS": str(self.secrets),
            **self.environment,
        }
        return run(*compose(), *arguments, cwd=CHECKOUT, environment=environment)

    def down(self, *arguments: str) -> None:
        self._compose("", "down", *arguments)

    def run(self, service: str, *words: str) -> str:
        """Run a command in one more container of a service, with its secrets and volumes; what it said."""
        return self._compose("", "run", "--rm", "-T", service, *words)

    def stop(self, *services: str) -> None:
        """Stop containers, which stay."""
        self._compose("", "stop", *services)

    async def lose(self, service: str) -> None:
        """Take a server's container and its volume away, and start it anew with nothing in it."""
        self._compose("", "rm", "--stop", "--force", service)
        docker("volume", "rm", f"{self.project}_{service}")
        self._compose("", "up", "--detach", service)
        await self.healthy(service)

    def containers(self, service: str) -> list[str]:
        """The containers of a service, running or not."""
        labels = {"project": self.project, "service": service}
        filters = [f"--filter=label=com.docker.compose.{key}={value}" for key, value in labels.items()]
        return docker("ps", "--all", "--quiet", "--no-trunc", *filters).split()

    def container(self, service: str) -> str:
        """The one container of a service."""
        [only] = self.containers(service)
        return only

    async def healthy(self, service: str) -> None:
        """Wait until every container of a service says that it is well."""

        def well() -> bool:
            states = [inspect("container", name)["State"] for name in self.containers(service)]
            assert states, "there is no container"
            return all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

        await wait_until(well, HEALTHY_WITHIN, what=f"a healthy {service}")

    def said(self, container: str) -> str:
        """All that a container has written, to its standard output and error."""
        return run("sh", "-c", f"docker logs {container} 2>&1")

    def log(self, container: str) -> list[Any]:
        """What one of our services has logged, decoded. ValueError: a line is no JSON."""
        # What it prints for people goes to the standard output; the log is what goes to the standard error.
        said = run("sh", "-c", f"docker logs {container} 2>&1 >/dev/null")
        return [json.loads(line) for line in said.splitlines()]


def kill(container: str) -> None:
    """End what runs in a container at once, as a crash does: after `docker kill`, Docker would start nothing again."""
    pid = int(inspect("container", container)["State"]["Pid"])
    command = f"import os; os.kill({pid}, 9)"
    docker("run", "--rm", "--pid=host", "--user=0", "--entrypoint=python", IMAGE, "-c", command)


def address_of_this_machine() -> str:
    """The address of this machine's way out, where containers reach it too, whatever networks of theirs come and go."""
    with socket.socket(type=socket.SOCK_DGRAM) as way_out:
        way_out.connect(("192.0.2.1", 9))  # nobody has this address (RFC 5737), and connecting sends nothing
        return str(way_out.getsockname()[0])


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
