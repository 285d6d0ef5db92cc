"""What a mail server's set-up and a mail address may be, and how consent is asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from shared.outside.mail.addresses import BadAddress, mailbox
from shared.outside.mail.consent import Application, Consent, consent_url, new_consent
from shared.outside.mail.providers import GOOGLE, MICROSOFT, PROVIDERS, Provider
from shared.outside.mail.setup import MailServer
from shared.runtime.secrets import Secret


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("anna@example.org", "anna@example.org"),
        (" anna.b+tag@Example.ORG ", "anna.b+tag@example.org"),
        ("anna@localhost", "anna@localhost"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),
        ("jörg@example.org", "jörg@example.org"),
        ("o'brien/x=y@example.org", "o'brien/x=y@example.org"),
    ],
)
def test_addresses(address: str, expected: str) -> None:
    assert str(mailbox(address)) == expected
    assert mailbox(address).needs_utf8 == address.startswith("jörg")


@pytest.mark.parametrize(
    "address",
    [
        *("", "anna", "@example.org", "anna@", "anna@example..org", "anna@-x.org", "anna@[127.0.0.1]"),
        *("an na@example.org", "anna\r\n@example.org", "anna@example.org\r\nRCPT TO:<eve@example.org>"),
        *("a@b@example.org", "<anna>@example.org", '"anna"@example.org', ".anna@example.org", "an..na@example.org"),
        *("\ud800@example.org", "anna@\ud800.org", "ä" * 33 + "@example.org", "anna@" + "a." * 200 + "org"),
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadAddress, match="is no mail address"):
        mailbox(address)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": ""}, "name is missing"),
        ({"host": "mail.example.org\r\n"}, "characters that no name has"),
        ({"port": 0}, "port"),
        ({"login": "password"}, "user name to log in with is missing"),
        ({"sender": "house"}, "is no mail address"),
        ({"reply_to": "house"}, "is no mail address"),
    ],
)
def test_a_set_up_that_can_not_be_is_not_read(changes: dict[str, Any], words: str) -> None:
    right = {"host": "mail.example.org", "port": 587, "security": "starttls", "login": "none", "sender": "a@b.example"}
    assert msgspec.convert(right, MailServer).sender_name == ""
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert({**right, **changes}, MailServer)


def test_consent_is_asked_for_with_a_challenge_that_only_the_verifier_answers() -> None:
    application = Application(provider=GOOGLE, client_id="us", redirect_uri="https://showrunner.example/consent?x=1")
    # The example of RFC 7636, appendix B.
    consent = Consent(state=Secret("state"), verifier=Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    url = urlsplit(consent_url(application, consent, username="house@example.org"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == GOOGLE.authorize_url
    assert {name: value for name, [value] in parse_qs(url.query).items()} == {
        "response_type": "code",
        "client_id": "us",
        "redirect_uri": "https://showrunner.example/consent?x=1",
        "scope": "https://mail.google.com/",
        "state": "state",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "login_hint": "house@example.org",
        "access_type": "offline",
        "prompt": "consent",
    }


def test_no_two_attempts_are_alike_and_none_shows_itself() -> None:
    first, second = new_consent(), new_consent()
    assert first.state != second.state and first.verifier != second.verifier
    assert 43 <= len(first.verifier.reveal()) <= 128
    assert first.state.reveal() not in repr(first) and first.verifier.reveal() not in repr(first)


def test_the_large_providers_are_asked_for_a_refresh_token_over_https() -> None:
    assert set(PROVIDERS) == {"google", "microsoft"}
    assert GOOGLE.extra["access_type"] == "offline" and "offline_access" in MICROSOFT.more_scopes
    for provider in PROVIDERS.values():
        assert provider.authorize_url.startswith("https://") and provider.token_url.startswith("https://")


def test_a_provider_without_https_is_none() -> None:
    with pytest.raises(ValueError, match="have to begin with https://"):
        Provider(name="X", authorize_url="https://x.example/a", token_url="http://x.example/t", scope="s")
    here = Provider(name="X", authorize_url="http://127.0.0.1:1/a", token_url="http://localhost/t", scope="s")
    assert here.token_url == "http://localhost/t"
