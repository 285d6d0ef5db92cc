"""The committed documents are as the code says; when the code changes, that is found, said, and mended."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
CODE = ("shared", "services", "tools")
SCHEMAS = Path("docs", "contracts", "schemas")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "web")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of the test's own."""
    for name in (*CODE, "docs"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=LEFT_OUT)
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def generate(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.generate", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_what_is_committed_has_not_drifted() -> None:
    done = generate(CHECKOUT, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_writing_twice_writes_nothing(copy: Path) -> None:
    generate(copy)
    again = generate(copy)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_new_field_is_found_and_mended(copy: Path) -> None:
    edit(copy / "shared/contracts/ticks.py", '    asked_by: str = ""\n', '    asked_by: str = ""\n    mood: str = ""\n')
    found = generate(copy, "--check")
    assert found.returncode == 1
    assert "tick.v1.json" in found.stderr and "asyncapi.json" in found.stderr and "make contracts" in found.stderr
    assert "skip.v1.json" not in found.stderr
    assert '+    "mood": {' in found.stdout
    generate(copy)
    assert generate(copy, "--check").returncode == 0


def test_a_new_version_takes_the_place_of_the_old_schema(copy: Path) -> None:
    edit(copy / "shared/contracts/controls.py", 'tag="control.v1"', 'tag="control.v2"')
    assert "control.v1.json" in generate(copy, "--check").stderr
    assert f"removed {SCHEMAS / 'control.v1.json'}" in generate(copy).stdout
    assert (copy / SCHEMAS / "control.v2.json").exists() and not (copy / SCHEMAS / "control.v1.json").exists()


def test_another_subject_is_found(copy: Path) -> None:
    edit(copy / "shared/contracts/subjects.py", 'return f"cancels.{category}"', 'return f"stops.{category}"')
    assert "asyncapi.json" in generate(copy, "--check").stderr


def test_another_life_of_a_run_is_found(copy: Path) -> None:
    edit(copy / "services/gateway/runs.py", 'self.state = "retrying"', 'self.state = "queued"')
    assert "architecture.md" in generate(copy, "--check").stderr


def test_a_lost_mark_is_told(copy: Path) -> None:
    edit(copy / "docs/architecture.md", "<!-- end of drawing -->", "")
    found = generate(copy, "--check")
    assert found.returncode == 1 and "has lost its marks" in found.stderr
