"""Signatures hold for one body, one time and one key, and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.gateway.hooks.signing import (
    SIGNATURE,
    TIMESTAMP,
    TOLERANCE,
    BadSignature,
    check,
    signature_of,
    signed_headers,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
KEY = b"srh_key"
keys, bodies = st.binary(min_size=1, max_size=80), st.binary(max_size=300)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def is_good(key: bytes, headers: dict[str, str], body: bytes, now: datetime) -> bool:
    try:
        check(key, headers[TIMESTAMP], headers[SIGNATURE], body, now)
    except BadSignature:
        return False
    return True


def test_it_is_the_one_that_the_documents_show() -> None:
    # printf '1780315200.{"event":"library.new"}' | openssl dgst -sha256 -hmac srh_key
    found = signature_of(KEY, "1780315200", b'{"event":"library.new"}')
    assert found == "sha256=5cdd4b0a356d0797aa2f83e005ecaf1b3f1ad764ecc46ebcbb0cf74a1ff205d9"


@given(keys, bodies, moments, st.integers(-299, 299))
def test_what_was_signed_is_good_while_its_time_is_near(key: bytes, body: bytes, at: datetime, seconds: int) -> None:
    assert is_good(key, signed_headers(key, at, body), body, at + timedelta(seconds=seconds))


@given(keys, bodies, moments, st.integers(302, 10**6), st.sampled_from([1, -1]))
def test_and_no_more_when_it_is_not(key: bytes, body: bytes, at: datetime, seconds: int, way: int) -> None:
    assert not is_good(key, signed_headers(key, at, body), body, at + way * timedelta(seconds=seconds))


@given(keys, bodies, bodies)
def test_another_body_needs_another_signature(key: bytes, body: bytes, other: bytes) -> None:
    assume(body != other)
    assert not is_good(key, signed_headers(key, NOW, body), other, NOW)


@given(keys, keys, bodies)
def test_another_key_does_not_open(key: bytes, other: bytes, body: bytes) -> None:
    # HMAC pads a key with zeros (RFC 2104, 2).
    assume(key.rstrip(b"\0") != other.rstrip(b"\0"))
    assert not is_good(other, signed_headers(key, NOW, body), body, NOW)


@given(bodies, st.integers(1, 600))
def test_an_old_call_gets_no_new_time(body: bytes, seconds: int) -> None:
    headers = signed_headers(KEY, NOW, body)
    headers[TIMESTAMP] = str(int(headers[TIMESTAMP]) + seconds)
    assert not is_good(KEY, headers, body, NOW + timedelta(seconds=seconds))


@given(st.integers(0, 9), bodies)
def test_the_body_does_not_lend_its_digits_to_the_time(digit: int, body: bytes) -> None:
    """What stands on one side of the dot can't be taken for the other."""
    moved = str(digit).encode() + body
    headers = signed_headers(KEY, NOW, moved)
    headers[TIMESTAMP] += str(digit)
    assert not is_good(KEY, headers, body, NOW)


@given(st.text(max_size=100), st.text(max_size=100))
def test_whatever_stands_in_the_headers_is_a_no(timestamp: str, signature: str) -> None:
    assert not is_good(KEY, {TIMESTAMP: timestamp, SIGNATURE: signature}, b"{}", NOW)


@pytest.mark.parametrize("signature", ["sha256=\udcff", "", "sha256=", "ä" * 71])
def test_bytes_that_are_no_text_are_a_no_too(signature: str) -> None:
    assert not is_good(KEY, {TIMESTAMP: str(int(NOW.timestamp())), SIGNATURE: signature}, b"{}", NOW)


def test_a_stranger_learns_nothing_of_our_clock() -> None:
    old = str(int((NOW - 2 * TOLERANCE).timestamp()))
    with pytest.raises(BadSignature, match="does not fit"):
        check(KEY, old, "sha256=0", b"{}", NOW)
    with pytest.raises(BadSignature, match="5 minutes"):
        check(KEY, old, signature_of(KEY, old, b"{}"), b"{}", NOW)
