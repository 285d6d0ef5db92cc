"""Asks PyPI and npm whether anything in the locks has a known hole.

A hole fails. What can't be asked is told, and fails nothing: an advisory service that is away says nothing about us.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

CHECKOUT = Path(__file__).parents[1]
PAGE = "services/gateway/web"
LOCKS = ("requirements.lock", "requirements-otel.lock", "requirements-dev.lock", "requirements-web.lock")
WITHIN = 300  # seconds
NAMED = 5  # packages in a line


class Verdict(Struct, frozen=True, kw_only=True):
    """What one lock came to: the known holes, and why something was not checked ("" if everything was)."""

    lock: str
    holes: tuple[str, ...] = ()
    unchecked: str = ""


def main() -> int:
    """0, or 1 when something in a lock has a known hole."""
    verdicts = [*(_python(lock) for lock in LOCKS), _page()]
    for verdict in verdicts:
        for hole in verdict.holes:
            print(f"{verdict.lock}: {hole}")
        if verdict.unchecked:
            print(f"{verdict.lock}: not checked: {verdict.unchecked}")
        elif not verdict.holes:
            print(f"{verdict.lock}: nothing known")
    return 1 if any(verdict.holes for verdict in verdicts) else 0


def python_verdict(lock: str, said: str, complaint: str) -> Verdict:
    """What pip-audit's JSON means. Without any, it could not ask, and complained."""
    report = _read(said)
    if report is None:
        return Verdict(lock=lock, unchecked=_last_line(complaint))
    packages: list[dict[str, Any]] = report["dependencies"]
    holes = tuple(
        f"{package['name']} {package['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    )
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    more = f" and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    unchecked = f"PyPI does not tell of {', '.join(skipped[:NAMED])}{more}" if skipped else ""
    return Verdict(lock=lock, holes=holes, unchecked=unchecked)


def page_verdict(lock: str, said: str, complaint: str) -> Verdict:
    """What npm audit's JSON means (version 2 of its report)."""
    report = _read(said)
    if report is None or "vulnerabilities" not in report:
        return Verdict(lock=lock, unchecked=(report or {}).get("message") or _last_line(complaint))
    found: dict[str, dict[str, str]] = report["vulnerabilities"]
    holes = tuple(f"{name} {hole['range']}: {hole['severity']}" for name, hole in found.items())
    return Verdict(lock=lock, holes=holes)


def _python(lock: str) -> Verdict:
    options = ("--progress-spinner", "off", "--disable-pip", "--require-hashes", "--format", "json")
    return python_verdict(lock, *_run(sys.executable, "-m", "pip_audit", *options, "--requirement", lock))


def _page() -> Verdict:
    return page_verdict(f"{PAGE}/package-lock.json", *_run("sh", "tools/web.sh", "audit", PAGE, sys.executable))


def _run(*command: str) -> tuple[str, str]:
    """What it wrote to its standard output and error."""
    try:
        ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=WITHIN, check=False)
    except subprocess.TimeoutExpired:
        return "", f"no answer within {WITHIN} s"
    return ended.stdout, ended.stderr


def _read(said: str) -> dict[str, Any] | None:
    try:
        report = json.loads(said)
    except json.JSONDecodeError:
        return None
    return report if isinstance(report, dict) else None


def _last_line(complaint: str) -> str:
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    return lines[-1] if lines else "no answer"


if __name__ == "__main__":
    sys.exit(main())
