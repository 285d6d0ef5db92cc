"""The core of the integration tests once more, on the images of NATS and PostgreSQL that compose.yaml names."""

from __future__ import annotations

import os
import sys

import pytest

from tests.containers.docker import DockerFailed, complaint, run
from tests.containers.stand_ins import NoImages, provide
from tests.support.choice import VARIABLE
from tests.support.processes import CHECKOUT

pytestmark = pytest.mark.xdist_group("containers")


@pytest.fixture(scope="module")
def images() -> None:
    """The images of both servers are at hand."""
    if reason := complaint():
        pytest.skip(reason)
    try:
        provide()
    except NoImages as lacking:
        pytest.skip(str(lacking))


def test_the_core_of_the_integration_tests_passes_on_containers(images: None) -> None:
    said = _pytest("-n", "2", "--dist", "loadgroup", "-m", "official and not slow", "tests/integration")
    assert "official: on the images of compose.yaml" in said
    assert " skipped" not in said, said


def test_without_docker_containers_are_not_promised(images: None) -> None:
    with pytest.raises(DockerFailed, match="asks for containers, but no Docker daemon is on this machine"):
        _pytest("--collect-only", "tests/integration/test_pipeline.py", DOCKER_HOST="unix:///nowhere.sock")


def _pytest(*words: str, **environment: str) -> str:
    """What a pytest of its own says, which knows nothing of this one. DockerFailed: a test failed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    wish = {VARIABLE: "containers"}
    return run(sys.executable, "-m", "pytest", *words, cwd=CHECKOUT, environment=inherited | wish | environment)
