"""What the settings of mail refuse."""

from __future__ import annotations

import pytest

from shared.mail.terms import MailPolicy


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("shows.example.org", "has to look like https"),
        ("ftp://shows.example.org", "has to look like https"),
        ("https://", "has to look like https"),
        ("https://bücher.example", "has to be in ASCII"),
    ],
)
def test_an_address_that_no_link_can_have_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        MailPolicy(public_url=url)


def test_an_address_by_its_ascii_name_is_taken() -> None:
    assert MailPolicy(public_url="https://xn--bcher-kva.example").public_url
