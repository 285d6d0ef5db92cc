"""What a browser has to fetch before the page works."""

from __future__ import annotations

import gzip

import pytest

from services.gateway.page import BUILT

MOST_BYTES = 150_000


def test_all_scripts_together_weigh_little() -> None:
    scripts = sorted((BUILT / "assets").glob("*.js"))
    if not scripts:
        pytest.skip("the page is not built here: run `make web`")
    # Each language is a script of its own, of which a browser fetches one; here all count.
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) < MOST_BYTES


def test_nothing_stands_inside_the_page_that_its_policy_forbids() -> None:
    index = BUILT / "index.html"
    if not index.exists():
        pytest.skip("the page is not built here: run `make web`")
    text = index.read_text()
    assert "<style" not in text and " style=" not in text and "//" not in text
    assert text.count("<script") == text.count('<script type="module" crossorigin src="/assets/')
