"""deploy/kubernetes as `kubectl kustomize` renders it, and what its network policies come to."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

CHECKOUT = Path(__file__).parents[2]
OVERLAYS = ("small", "highly-available")
OUTSIDE = "outside"
"""Anything that is no pod of ours."""

Object = dict[str, Any]


class NoKustomize(Exception):
    """There is neither kubectl nor kustomize here."""


class Pod(Struct, frozen=True):
    """The template of a workload's pods."""

    name: str
    labels: dict[str, str]
    spec: Object


def rendered(folder: Path, overlay: str) -> list[Object]:
    """All objects of an overlay, with secrets made in a copy of deploy/ in `folder`. Raises `NoKustomize`."""
    deploy = folder / "deploy"
    if not deploy.exists():
        shutil.copytree(CHECKOUT / "deploy", deploy)
        _said("sh", str(deploy / "kubernetes/make-secrets.sh"))
    return list(yaml.safe_load_all(_said(*_kustomize(), str(deploy / "kubernetes" / overlay))))


def _kustomize() -> tuple[str, ...]:
    if shutil.which("kubectl"):
        return ("kubectl", "kustomize")
    if shutil.which("kustomize"):
        return ("kustomize", "build")
    raise NoKustomize("there is neither kubectl nor kustomize here")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [each for each in objects if each["kind"] in kinds]


def pods(objects: list[Object]) -> dict[str, Pod]:
    """By name of their workload; those of CloudNativePG have the labels that it gives them."""
    found = {}
    for each in of_kind(objects, "Deployment", "StatefulSet"):
        template, name = each["spec"]["template"], each["metadata"]["name"]
        found[name] = Pod(name, template["metadata"]["labels"], template["spec"])
    for each in of_kind(objects, "Cluster"):
        name = each["metadata"]["name"]
        labels = {**each["spec"]["inheritedMetadata"]["labels"], "cnpg.io/cluster": name}
        found[name] = Pod(name, {**labels, "cnpg.io/instanceRole": "primary"}, {})
    return found


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector matches."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(_meets(rule, labels) for rule in selector.get("matchExpressions", []))


def _meets(rule: Object, labels: dict[str, str]) -> bool:
    if rule["operator"] != "NotIn":
        raise NotImplementedError(f"no policy of ours uses {rule['operator']}")
    return labels.get(rule["key"]) not in rule["values"]


def ways(objects: list[Object], ports: dict[str, int]) -> set[tuple[str, str]]:
    """Who may begin to speak with whom, as (from, to): with each pod of `ports` at its port, and with the outside.

    A pod without a policy for a direction is open in it (NetworkPolicy v1); both ends have to agree.
    """
    everybody, policies = pods(objects), of_kind(objects, "NetworkPolicy")
    found = {
        (source, target)
        for source, target in itertools.product(everybody, ports)
        if _allows(policies, "egress", everybody[source], everybody[target], ports[target])
        and _allows(policies, "ingress", everybody[target], everybody[source], ports[target])
    }
    return found | {(name, OUTSIDE) for name, pod in everybody.items() if _reaches_outside(policies, pod)}


def _allows(policies: list[Object], direction: str, pod: Pod, other: Pod, port: int) -> bool:
    rules = _rules(policies, direction, pod)
    if rules is None:
        return True
    return any(
        _has_port(rule, port) and any(_is_peer(peer, other) for peer in _peers(rule, direction)) for rule in rules
    )


def _reaches_outside(policies: list[Object], pod: Pod) -> bool:
    rules = _rules(policies, "egress", pod)
    return rules is None or any("ipBlock" in peer for rule in rules for peer in _peers(rule, "egress"))


def _rules(policies: list[Object], direction: str, pod: Pod) -> list[Object] | None:
    kind = direction.capitalize()
    mine = [
        policy["spec"]
        for policy in policies
        if kind in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], pod.labels)
    ]
    return [rule for spec in mine for rule in spec.get(direction, [])] if mine else None


def _peers(rule: Object, direction: str) -> Iterator[Object]:
    # Without a list of peers a rule is for everybody.
    yield from rule.get({"ingress": "from", "egress": "to"}[direction], [{"podSelector": {}}])


def _is_peer(peer: Object, other: Pod) -> bool:
    """Pods of ours are in one namespace, and a block of addresses is not how they are named."""
    return "podSelector" in peer and "namespaceSelector" not in peer and selects(peer["podSelector"], other.labels)


def _has_port(rule: Object, port: int) -> bool:
    return "ports" not in rule or any(each["port"] == port for each in rule["ports"])
