"""Headers and bodies of mail as they stand on the wire: ASCII, in short lines, whatever they say.

Python's `email` takes some milliseconds a message, and by CVE-2024-6923 lets an encoded line break through.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from shared.outside.mail.addresses import Mailbox

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
LINE_END = re.compile(r"\r\n|\r|\n")
LONGEST_PLAIN = 60  # characters
CHUNK = 39  # octets: with its wrapping and the header's name, an encoded word fits a line of 76 (RFC 2047, section 2)
BOUNDARY = "=_alternatives"
"""Quoted-printable never has these two characters in a row (RFC 2045, section 6.7)."""


def phrase(text: str) -> str:
    """A header's text without structure, such as a subject."""
    printable = _printable(text)
    return printable if _is_plain(printable) else "\r\n ".join(_encoded_words(printable))


def named(name: str, address: Mailbox) -> str:
    """An address with the name of who is behind it, if there is one."""
    printable = _printable(name)
    if not printable:
        return str(address)
    if _is_plain(printable):
        escaped = printable.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return "\r\n ".join((*_encoded_words(printable), f"<{address}>"))


def block(headers: Mapping[str, str], body: bytes) -> bytes:
    """Headers, which have been made safe, and what they are of."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"\r\n" + body


def text_part(kind: str, text: str) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a text (`plain`, `html`)."""
    # A text with line breaks of its own stays readable, and no server on the way changes a byte of it.
    lines = LINE_END.split(text.encode(errors="replace").decode())
    body = binascii.b2a_qp("\r\n".join(lines).encode() + b"\r\n")
    return {"Content-Type": f'text/{kind}; charset="utf-8"', "Content-Transfer-Encoding": "quoted-printable"}, body


def alternatives(*parts: tuple[dict[str, str], bytes]) -> tuple[dict[str, str], bytes]:
    """The headers and the body of texts that say the same, the best one last."""
    opening, end = f"--{BOUNDARY}\r\n".encode(), f"--{BOUNDARY}--\r\n".encode()
    body = b"".join(opening + block(headers, part) for headers, part in parts) + end
    return {"Content-Type": f'multipart/alternative; boundary="{BOUNDARY}"'}, body


def _printable(text: str) -> str:
    return UNPRINTABLE.sub(" ", text).strip()


def _is_plain(text: str) -> bool:
    return text.isascii() and len(text) <= LONGEST_PLAIN and "=?" not in text


def _encoded_words(text: str) -> Iterator[str]:
    chunk = b""
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > CHUNK:
            yield _encoded_word(chunk)
            chunk = b""
        chunk += octets
    yield _encoded_word(chunk)


def _encoded_word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode()}?="
