"""Stand-ins for the official images, made from Debian's packages and our own wheels, where no registry can be reached.

They have the names of those that they stand in for, and honour as much of their ways as we use.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from services.cli.embedded import binaries
from tests.containers.docker import DockerFailed, docker, has_image, run

HERE = Path(__file__).parent / "images"
DEBIAN = "showrunner-stand-in-debian"
SUITE = "trixie"  # the one that python:3.13-slim is made of
# What Debian's slim images leave out too, so that the size of an image on top of it means something.
UNREAD = ("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists")
PACKAGES = "ca-certificates,python3,python3-venv,wget"


class NoImages(Exception):
    """The official images can't be had here, and no stand-in can be built; the text says why."""


def provide() -> None:
    """See to it that every image exists that the Dockerfile and compose.yaml start from. Raises `NoImages`."""
    for name, prepare in OFFICIAL.items():
        if not has_image(name) and not _pulled(name):
            _build(name, prepare)


def debian() -> str:
    """The name of an image of Debian's, official or not. Raises `NoImages`."""
    official = f"debian:{SUITE}-slim"
    if has_image(DEBIAN):
        return DEBIAN
    if has_image(official) or _pulled(official):
        return official
    _build_debian()
    return DEBIAN


def _pulled(name: str) -> bool:
    try:
        docker("pull", "--quiet", name)
    except DockerFailed:
        return False
    return True


def _build(name: str, prepare: Callable[[Path], None]) -> None:
    if not has_image(DEBIAN):
        _build_debian()
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        recipe = HERE / name.partition(":")[0]
        shutil.copytree(recipe, context, dirs_exist_ok=True)
        prepare(context)
        docker("build", "--quiet", "--tag", name, "--build-arg", f"DEBIAN={DEBIAN}", str(context))


def _build_debian() -> None:
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise NoImages("no registry can be reached, and building stand-ins needs root and debootstrap")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root))
        for unread in UNREAD:
            shutil.rmtree(root / unread)
        with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as archive:
            assert archive.stdout is not None
            run("docker", "import", "-", DEBIAN, stdin=archive.stdout.fileno())


def _python(context: Path) -> None:
    """What lets pip and npm in a container reach what they reach on this machine."""
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    if trusted is None:
        raise NoImages("this machine has no bundle of certificate authorities; SSL_CERT_FILE may name one")
    shutil.copy(trusted, context / "ca-certificates.crt")
    (context / "pip.conf").write_text(_pip_settings())


def _pip_settings() -> str:
    """The machine's choice of index, if it has one of its own."""
    listed = run(sys.executable, "-m", "pip", "config", "list")
    wanted = {"index-url", "trusted-host"}
    settings = (line.partition("=") for line in listed.splitlines())
    chosen = {key.rpartition(".")[2]: value.strip("'") for key, _, value in settings}
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in chosen.items() if key in wanted)


def _nats(context: Path) -> None:
    shutil.copy(binaries.nats_server(), context / "nats-server")


def _postgres(context: Path) -> None:
    # The programs look for their libraries beside the package: both folders keep their places.
    install = binaries.postgres_bin(for_other_user=False).parent
    site = install.parent.parent
    for part in (install, site / f"{install.parent.name}.libs"):
        shutil.copytree(part, context / "site" / part.relative_to(site), symlinks=True)


OFFICIAL: dict[str, Callable[[Path], None]] = {
    "python:3.13-slim": _python,
    "nats:2.15-alpine": _nats,
    "postgres:18-alpine": _postgres,
}
