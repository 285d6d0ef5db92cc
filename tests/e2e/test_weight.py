"""What a browser has to fetch before the page is there."""

from __future__ import annotations

import gzip
import re

from tests.e2e.support.building import BUILT

MOST_SCRIPT_BYTES = 150_000


def test_all_scripts_together_are_small() -> None:
    scripts = list(BUILT.rglob("*.js"))
    weight = sum(len(gzip.compress(script.read_bytes(), 9)) for script in scripts)
    print(f"{len(scripts)} scripts, {weight} bytes compressed")
    assert scripts and weight < MOST_SCRIPT_BYTES


def test_nothing_in_it_points_elsewhere() -> None:
    texts = {path.name: path.read_text() for path in BUILT.rglob("*") if path.suffix in {".html", ".css"}}
    assert "index.html" in texts
    assert {
        name for name, text in texts.items() if re.search(r"(src|href)=.?(https?:)?//|url\(.?(https?:)?//", text)
    } == set()
    assert "<script>" not in texts["index.html"] and "style=" not in texts["index.html"]
