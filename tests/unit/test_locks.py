"""The locks say what pyproject.toml asks for, agree with each other, hash everything, and name no host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
RUN, DEV, WEB = "requirements.lock", "requirements-dev.lock", "requirements-web.lock"
OTEL = "requirements-otel.lock"
MEND = "run `make lock`"

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>[^\\\n]*(?:\\\n[^\\\n]*)*)", re.MULTILINE)


def asked_for() -> dict[str, list[str]]:
    """The lock's name -> the requirements that it must meet."""
    project: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]

    def flat(name: str) -> list[str]:
        return [
            requirement
            for entry in groups[name]
            for requirement in ([entry] if isinstance(entry, str) else flat(entry["include-group"]))
        ]

    to_run = project["project"]["dependencies"] + project["build-system"]["requires"]
    to_trace = to_run + project["project"]["optional-dependencies"]["otel"]
    return {RUN: to_run, OTEL: to_trace, DEV: to_run + flat("dev"), WEB: flat("web")}


def pins(lock: str) -> dict[str, tuple[str, str]]:
    """Package -> its version, and the rest of its entry (marker and hashes)."""
    found = PIN.finditer((CHECKOUT / lock).read_text())
    return {canonicalize_name(pin["name"]): (pin["version"], pin["rest"]) for pin in found}


@pytest.mark.parametrize("lock", [RUN, OTEL, DEV, WEB])
def test_a_lock_meets_what_is_asked_for(lock: str) -> None:
    pinned = pins(lock)
    for requirement in map(Requirement, asked_for()[lock]):
        version, _ = pinned.get(canonicalize_name(requirement.name), ("", ""))
        assert version, f"{lock} lacks {requirement.name}: {MEND}"
        assert requirement.specifier.contains(version, prereleases=True), f"{lock} has {version}: {MEND}"


@pytest.mark.parametrize("lock", [RUN, OTEL, DEV, WEB])
def test_everything_locked_is_hashed_and_no_host_is_named(lock: str) -> None:
    pinned = pins(lock)
    assert pinned
    assert [name for name, (_, rest) in pinned.items() if "--hash=sha256:" not in rest] == []
    assert re.findall(r".*(?:://|--index|--find-links|--trusted-host).*", (CHECKOUT / lock).read_text()) == []


@pytest.mark.parametrize("lock", [RUN, OTEL])
def test_tests_run_with_the_versions_that_are_shipped(lock: str) -> None:
    tested = {name: version for name, (version, _) in pins(DEV).items()}
    shipped = {name: version for name, (version, _) in pins(lock).items()}
    assert shipped.items() <= tested.items(), f"{lock} and {DEV} differ: {MEND}"


def test_what_can_send_traces_is_otherwise_what_is_shipped() -> None:
    assert pins(RUN).items() <= pins(OTEL).items(), f"{RUN} and {OTEL} differ: {MEND}"
