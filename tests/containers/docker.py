"""The Docker command line, as far as the tests use it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LONGEST = 1_200.0  # seconds for one command: a first build downloads every package
LAST_WORDS = 3_000  # characters of output in a failure's message


class DockerFailed(AssertionError):
    """A command of Docker's ended with an error; the text is what it said last."""


def run(
    *command: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int | None = None,
) -> str:
    """The standard output of a command. Raises `DockerFailed` when it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=stdin, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-LAST_WORDS:]
        raise DockerFailed(f"{' '.join(command)} ended with status {done.returncode}:\n{said}")
    return done.stdout


def docker(*arguments: str) -> str:
    """The standard output of `docker ...`. Raises `DockerFailed` when it fails."""
    return run("docker", *arguments)


def inspect(kind: str, name: str) -> Any:
    """What Docker knows of one image, container or volume."""
    return json.loads(docker(kind, "inspect", name))[0]


def has_image(name: str) -> bool:
    """Whether the image is on this machine."""
    try:
        inspect("image", name)
    except DockerFailed:
        return False
    return True


def complaint() -> str:
    """Why nothing can be tried on containers here; empty if it can."""
    if shutil.which("docker") is None:
        return "there is no Docker here: tests/containers/with_docker.sh COMMAND brings one, on Debian as root"
    try:
        docker("info")
    except DockerFailed:
        return "no Docker daemon answers: start one, or say in DOCKER_HOST where it is"
    return "" if compose() else "there is no Docker Compose here: install its plug-in, or docker-compose"


def compose() -> tuple[str, ...]:
    """The words that start Docker Compose: the plug-in, else the program of its own; empty if there is neither."""
    try:
        docker("compose", "version")
    except DockerFailed:
        return ("docker-compose",) if shutil.which("docker-compose") else ()
    return ("docker", "compose")
