"""deploy/kubernetes: what Kubernetes would be given is valid, confined, complete, and opens exactly the ways needed."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from services.cli.embedded import binaries
from services.cli.workers import CATEGORIES
from tests.support.folders import short_folder
from tests.support.kubernetes import OUTSIDE, OVERLAYS, NoKustomize, Object, of_kind, pods, rendered, selects, ways

pytestmark = pytest.mark.slow

OLDEST, NEWEST = "1.31", "1.37"
WORKERS = {f"worker-{category}" for category in CATEGORIES}
WITH_DATA = {"gateway", *WORKERS}
SERVICES = {*WITH_DATA, "scheduler"}
PORTS = {"gateway": 8080, "scheduler": 8080, **dict.fromkeys(WORKERS, 8080), "nats": 4222, "postgres": 5432}
OURS_AND_NATS = [*sorted(SERVICES), "nats"]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with short_folder() as path:
        yield path


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def objects(folder: Path, overlay: str) -> list[Object]:
    try:
        return rendered(folder, overlay)
    except NoKustomize as lacking:
        pytest.skip(f"{lacking}: one of them renders deploy/kubernetes")


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_knows_every_field(objects: list[Object], version: str) -> None:
    foreign = of_kind(objects, "Cluster")
    assert all(each["apiVersion"] == "postgresql.cnpg.io/v1" for each in foreign)
    for each in objects:
        if each not in foreign:
            kubernetes_validate.validate(each, version, strict=True)


def test_everything_is_in_its_namespace(objects: list[Object]) -> None:
    [namespace] = of_kind(objects, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"]["namespace"] for each in objects if each is not namespace} == {"showrunner"}


def test_all_of_showrunner_is_there(objects: list[Object], overlay: str) -> None:
    assert set(pods(objects)) == {*SERVICES, "nats", "postgres"}
    replicas = {
        each["metadata"]["name"]: each["spec"]["replicas"] for each in of_kind(objects, "Deployment", "StatefulSet")
    }
    small = dict.fromkeys([*SERVICES, "nats", "postgres"], 1)
    assert replicas == (small if overlay == "small" else {**dict.fromkeys(SERVICES, 2), "nats": 3})


def test_every_pod_keeps_to_the_restricted_standard(objects: list[Object]) -> None:
    for each in of_kind(objects, "Deployment", "StatefulSet"):
        spec = each["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        [container] = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == container["resources"]["limits"].keys() == {"cpu", "memory"}
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()


def test_every_name_that_is_referred_to_is_there(objects: list[Object]) -> None:
    kept = {
        (each["kind"], each["metadata"]["name"]): {*each.get("data", {})}
        for each in of_kind(objects, "ConfigMap", "Secret")
    }
    for pod in pods(objects).values():
        for source in _sources(pod.spec):
            keys = {item["key"] for item in source.get("items", [])}
            assert keys <= kept[source["kind"], source["name"]], pod.name
    for role in _passwords(objects):
        assert kept["Secret", role] == {"username", "password"}
    claims = {each["metadata"]["name"] for each in of_kind(objects, "PersistentVolumeClaim")}
    assert claims == {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in pods(objects).values()
        for volume in pod.spec.get("volumes", [])
        if "persistentVolumeClaim" in volume
    }


def _sources(spec: Object) -> Iterator[dict[str, Any]]:
    for volume in spec.get("volumes", []):
        if "configMap" in volume:
            yield {"kind": "ConfigMap", **volume["configMap"]}
        for source in volume.get("projected", {}).get("sources", []):
            yield {"kind": "Secret", **source["secret"]}
    for container in spec.get("containers", []):
        for source in container.get("envFrom", []):
            yield {"kind": "ConfigMap", **source["configMapRef"]}


def _passwords(objects: list[Object]) -> Iterator[str]:
    for each in of_kind(objects, "Cluster"):
        yield each["spec"]["bootstrap"]["initdb"]["secret"]["name"]
        yield from (role["passwordSecret"]["name"] for role in each["spec"]["managed"]["roles"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_shown_its_own_secrets_only(objects: list[Object], name: str) -> None:
    shown = {
        item["key"] for source in _sources(pods(objects)[name].spec) for item in source.get("items", [])
    }  # fmt: skip
    roles = {"gateway": "database_url", "worker-maintenance": "database_url_maintenance"}
    needed = {f"nats_url_{name.replace('-', '_')}"}
    needed |= {roles.get(name, "database_url_worker"), "key"} if name in WITH_DATA else set()
    needed |= {"admin_password"} if name == "gateway" else set()
    assert shown == needed


@pytest.mark.parametrize("name", OURS_AND_NATS)
def test_a_service_and_a_budget_select_its_pods(objects: list[Object], name: str) -> None:
    pod = pods(objects)[name]
    budgets = of_kind(objects, "PodDisruptionBudget")
    assert [each["metadata"]["name"] for each in budgets if selects(each["spec"]["selector"], pod.labels)] == [name]
    others = [other for other in pods(objects).values() if other.name != name]
    for each in of_kind(objects, "Service"):
        selector = {"matchLabels": each["spec"]["selector"]}
        if selects(selector, pod.labels):
            assert not [other.name for other in others if selects(selector, other.labels)]
            offered = {port["name"] for port in pod.spec["containers"][0]["ports"]}
            assert {port["targetPort"] for port in each["spec"]["ports"]} <= offered


def test_exactly_these_may_speak_with_each_other(objects: list[Object], overlay: str) -> None:
    wanted = {(name, "nats") for name in SERVICES}
    wanted |= {(name, "postgres") for name in WITH_DATA}
    wanted |= {(name, OUTSIDE) for name in WITH_DATA}
    # Of the operator's PostgreSQL one instance follows the other, and asks the API server of Kubernetes who leads.
    wanted |= {("postgres", "postgres"), ("postgres", OUTSIDE)} if overlay == "highly-available" else set()
    found = ways(objects, PORTS)
    # Whoever may reach any address at all may ask the page, which is open to the cluster; nobody needs it of ours.
    assert found - {(name, "gateway") for name, _ in found} == wanted


def test_servers_of_nats_find_each_other_and_their_configuration_stands(
    objects: list[Object], overlay: str, folder: Path
) -> None:
    nats = pods(objects)["nats"]
    [_, _, file] = nats.spec["containers"][0]["args"]
    for source in _sources(nats.spec):
        [kept] = [
            each for each in objects if each["metadata"]["name"] == source["name"] and each["kind"] == source["kind"]
        ]
        place = folder / overlay / ("etc/nats" if source["kind"] == "ConfigMap" else "run/secrets")
        place.mkdir(parents=True)
        for key in {item["key"] for item in source.get("items", [])} or kept["data"]:
            text = kept["data"][key]
            (place / key).write_bytes(text.encode() if source["kind"] == "ConfigMap" else base64.b64decode(text))
    told = subprocess.run(
        [str(binaries.nats_server()), "-t", "--config", str(folder / overlay / file.removeprefix("/"))],
        env={**os.environ, "POD_NAME": "nats-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is valid" in told.stderr, told.stderr


def test_the_copies_are_as_many_as_the_servers(objects: list[Object], overlay: str) -> None:
    [settings] = [each["data"] for each in of_kind(objects, "ConfigMap") if "SHOWRUNNER_TIMEZONE" in each["data"]]
    assert settings.get("SHOWRUNNER_REPLICAS", "1") == ("1" if overlay == "small" else "3")
