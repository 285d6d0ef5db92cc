"""`python -m tests.containers.images_ahead`: build what the container tests start from, so that they find it built."""

from __future__ import annotations

import sys

from tests.containers.docker import DockerFailed, complaint, docker
from tests.containers.stack import CHECKOUT, IMAGE
from tests.containers.stand_ins import NoImages, provide


def build_image() -> str:
    """The name of the image, built from this checkout. Raises `NoImages`, and `DockerFailed` when it can't be built."""
    if reason := complaint():
        raise NoImages(reason)
    provide()
    docker("build", "--quiet", "--tag", IMAGE, str(CHECKOUT))
    return IMAGE


if __name__ == "__main__":
    try:
        build_image()
    except (NoImages, DockerFailed) as error:
        sys.exit(str(error))
