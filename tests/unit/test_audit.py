"""What the advisory services say of our locks: a hole is a hole, and no answer is none."""

from __future__ import annotations

import json

from tools.audit import Verdict, page_verdict, python_verdict

CLEAN = {"name": "aiohttp", "version": "3.12", "vulns": []}
HOLED = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "CVE-2016-10745", "fix_versions": ["2.8.1"]}]}
SKIPPED = [{"name": f"p{number}", "skip_reason": "Dependency not found on PyPI"} for number in range(7)]


def test_a_hole_is_named_with_what_mends_it() -> None:
    said = json.dumps({"dependencies": [CLEAN, HOLED], "fixes": []})
    assert python_verdict("lock", said, "") == Verdict(
        lock="lock", holes=("jinja2 2.0: CVE-2016-10745, mended in 2.8.1",)
    )
    assert python_verdict("lock", json.dumps({"dependencies": [CLEAN]}), "") == Verdict(lock="lock")


def test_what_is_not_known_was_not_checked() -> None:
    found = python_verdict("lock", json.dumps({"dependencies": [CLEAN, HOLED, *SKIPPED]}), "")
    assert len(found.holes) == 1 and found.unchecked == "PyPI does not tell of p0, p1, p2, p3, p4 and 2 more"
    assert (
        python_verdict("lock", "", "Traceback…\nConnectionError: no route\n").unchecked == "ConnectionError: no route"
    )
    assert python_verdict("lock", "", "").unchecked == "no answer"


def test_npm_is_read_too() -> None:
    found = {"vulnerabilities": {"vite": {"range": "<5.0.0", "severity": "high"}}}
    assert page_verdict("lock", json.dumps(found), "").holes == ("vite <5.0.0: high",)
    assert page_verdict("lock", json.dumps({"vulnerabilities": {}}), "") == Verdict(lock="lock")
    assert (
        page_verdict("lock", json.dumps({"message": "405 Method Not Allowed"}), "").unchecked
        == "405 Method Not Allowed"
    )
    assert page_verdict("lock", "", "sh: npm: not found").unchecked == "sh: npm: not found"
