"""Letters as they are handed over: read again by a parser, they hold what was meant, and no header more."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.workers.clients.letters import Letter, sealed
from shared.outside.mail.addresses import BadAddress
from shared.outside.mail.setup import MailServer

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVER = MailServer(
    host="mail.example.org",
    port=587,
    security="starttls",
    login="none",
    sender="house@example.org",
    sender_name="The House",
    reply_to="help@example.org",
)
LETTER = Letter(
    to="anna@example.net",
    to_name="Anna",
    subject="Your access ends soon",
    text="Dear Anna,\nbye.",
    message_id="<key-1@example.org>",
)
UNSUBSCRIBE = "https://showrunner.example/unsubscribe/" + "a1B2" * 60


def written(letter: Letter, server: MailServer = SERVER) -> tuple[bytes, EmailMessage]:
    content = sealed(letter, server, AT).content
    message = message_from_bytes(content, policy=SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return content, message


def changed(**changes: Any) -> Letter:
    return msgspec.structs.replace(LETTER, **changes)


def test_a_letter_has_all_that_it_needs() -> None:
    content, message = written(LETTER)
    assert {name: str(value) for name, value in message.items()} == {
        "From": "The House <house@example.org>",
        "To": "Anna <anna@example.net>",
        "Reply-To": "help@example.org",
        "Subject": "Your access ends soon",
        "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
        "Message-ID": "<key-1@example.org>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }
    assert message.get_content().splitlines() == ["Dear Anna,", "bye."]
    assert content.isascii() and content.endswith(b"\r\n")


def test_a_letter_with_html_has_both() -> None:
    _, message = written(changed(html="<p>Liebe Anna, tschüß"))
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert message.get_content_type() == "multipart/alternative"
    assert text is not None and "Dear Anna" in text.get_content()
    assert html is not None and "tschüß" in html.get_content()


def test_a_long_link_to_unsubscribe_stays_in_one_piece() -> None:
    content, message = written(changed(unsubscribe=UNSUBSCRIBE))
    assert f"\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in content
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "changes",
    [
        {"unsubscribe": "https://example.org/\r\nBcc: eve@example.org"},
        {"unsubscribe": "https://example.org/>, <mailto:eve@example.org"},
        {"message_id": "<key@example.org>\r\nBcc: eve@example.org"},
        {"message_id": "key"},
    ],
)
def test_a_link_or_message_id_that_breaks_out_is_an_error(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="that it can't have"):
        written(changed(**changes))


def test_an_address_that_breaks_out_is_none() -> None:
    for address in ("anna@example.net\r\nBcc: eve@example.org", "anna@example.net>,<eve@example.org", "anna"):
        with pytest.raises(BadAddress):
            written(changed(to=address))


HEADERS = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
BODY_HEADERS = {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
anything = st.text(st.characters(), max_size=120)


@given(name=anything, sender_name=anything, subject=anything, text=anything)
@example(name="=?utf-8?q?=0D=0ABcc:_eve@example.org?=", sender_name="", subject="=?utf-8?b?DQpCY2M6IGE=?=", text="")
@example(name="a\r\nBcc: eve@example.org", sender_name="b\nX: y", subject="c\r\n\r\nbody", text="\r\n.\r\nMAIL FROM:<>")
@example(name='"Anna", <eve@example.org>', sender_name="\\", subject=" " * 100, text="\ud800")
def test_nothing_that_a_person_is_called_adds_a_header(name: str, sender_name: str, subject: str, text: str) -> None:
    server = msgspec.structs.replace(SERVER, sender_name=sender_name)
    content, message = written(changed(to_name=name, subject=subject, text=text), server)
    assert set(message.keys()) == HEADERS | BODY_HEADERS and len(message.keys()) == len(set(message.keys()))
    assert [address.addr_spec for address in message["To"].addresses] == ["anna@example.net"]
    assert [address.addr_spec for address in message["From"].addresses] == ["house@example.org"]
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"") and b"\r" not in content.replace(b"\r\n", b"")


words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]) | st.sampled_from("  ,.'-()\"@"), max_size=60)


@given(name=words, subject=words)
def test_names_and_subjects_arrive_as_they_are(name: str, subject: str) -> None:
    content, _ = written(changed(to_name=name, subject=subject))
    # The older parser: the newer one puts a space between two encoded words of a name, against RFC 2047, section 6.2.
    message = message_from_bytes(content)
    shown, address = parseaddr(message["To"])
    assert address == "anna@example.net"
    assert str(make_header(decode_header(shown))).split() == name.split()
    assert str(make_header(decode_header(message["Subject"]))).split() == subject.split()


@given(anything)
def test_a_text_arrives_as_it_is_in_short_lines(text: str) -> None:
    content, message = written(changed(text=text, html=f"<p>{text}"))
    assert max(map(len, content.split(b"\r\n"))) <= 80
    meant = "\r\n".join(re.split(r"\r\n|\r|\n", text.encode(errors="replace").decode()))
    for kind, start in (("plain", ""), ("html", "<p>")):
        part = message.get_body((kind,))
        assert part is not None and part.get_content() == start + meant
