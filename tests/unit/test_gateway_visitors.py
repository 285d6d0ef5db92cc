"""Small rules about visitors: how often, from where, in which language, with which consent pending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from services.gateway.auth.consents import LASTS, Consents, PendingConsent
from services.gateway.auth.origin import own_origin
from services.gateway.auth.pace import Pace
from services.gateway.public.page import button, link, page
from services.gateway.public.words import WORDS, words_for
from shared.mail.terms import OAuthClient
from shared.runtime.secrets import Vault

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PENDING = PendingConsent(
    session=b"\x01\x02",
    client=OAuthClient(provider="google", client_id="id"),
    username="house@example.org",
    redirect_uri="https://here/callback",
    state="the state",
    verifier="the verifier",
    ends_at=NOW + LASTS,
)


def test_a_few_come_at_once_and_then_one_by_one() -> None:
    pace = Pace(at_once=3, every_s=10.0)
    assert [pace.wait("a", 100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 10.0, 10.0]
    assert pace.wait("b", 100.0) == 0.0
    assert pace.wait("a", 107.0) == 3.0
    assert [pace.wait("a", 110.0) for _ in range(2)] == [0.0, 10.0]
    assert [pace.wait("a", 1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]


def test_the_pace_forgets_who_came_longest_ago() -> None:
    pace = Pace(at_once=1, every_s=1e9, most_keys=2)
    for key in ("a", "b", "c"):
        assert pace.wait(key, 0.0) == 0.0
    assert pace.wait("b", 1.0) > 0.0
    assert pace.wait("a", 1.0) == 0.0


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"Host": "here:8080"}, "http://here:8080"),
        ({"Host": "here", "X-Forwarded-Proto": "https"}, "https://here"),
        ({"Host": "inside", "Origin": "https://outside"}, "https://outside"),
        ({"Host": "here", "Origin": "null"}, "http://here"),
    ],
)
def test_our_own_address_is_what_the_browser_says(headers: dict[str, str], origin: str) -> None:
    assert own_origin(headers, "http") == origin


@pytest.mark.parametrize(
    ("language", "default", "found"),
    [("de", "", "de"), ("pt-BR", "fr", "fr"), ("fr-CA", "de", "fr"), ("", "", "en"), ("xx", "yy", "en")],
)
def test_words_are_in_a_language_that_is_understood(language: str, default: str, found: str) -> None:
    assert words_for(language, default).language == found


def test_every_language_says_all_of_it() -> None:
    for words in WORDS.values():
        assert all(structs.astuple(words)) and "{brand}" in words.ask and "{brand}" in words.done


def test_a_pending_consent_is_sealed_and_ends() -> None:
    consents = Consents(Vault(bytes(32)))
    sealed = consents.seal(PENDING)
    assert "verifier" not in sealed and PENDING.verifier not in repr(PENDING)
    assert consents.open(sealed, NOW) == PENDING
    assert consents.open(sealed, NOW + LASTS - timedelta(seconds=1)) == PENDING
    assert consents.open(sealed, NOW + LASTS) is None
    for wrong in ("", "é", "AAAA", sealed[:-4], "B" + sealed[1:]):
        assert consents.open(wrong, NOW) is None
    assert Consents(Vault(bytes(31) + b"1")).open(sealed, NOW) is None


def test_a_page_shows_what_it_is_told_and_obeys_none_of_it() -> None:
    text = page("<i>", ["a & b"], button("<b>") + link('/x"y', "<u>"), language="de").text or ""
    assert '<html lang="de">' in text and "<h1>&lt;i&gt;</h1>" in text and "<p>a &amp; b</p>" in text
    assert "<button>&lt;b&gt;</button>" in text and '<a href="/x&quot;y">&lt;u&gt;</a>' in text
