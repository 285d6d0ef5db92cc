"""`python -m tests.containers.images_ahead`: build what the container tests start from, so that they find it built."""

from __future__ import annotations

import sys

from tests.containers.docker import DockerFailed, complaint, docker
from tests.containers.stack import CHECKOUT, IMAGE
from tests.containers.stand_ins import NoImages, provide


def main() -> str:
    """Why there is nothing; "" if all is built."""
    if reason := complaint():
        return reason
    try:
        provide()
        docker("build", "--quiet", "--tag", IMAGE, str(CHECKOUT))
    except (NoImages, DockerFailed) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main() or None)
