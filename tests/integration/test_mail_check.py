"""The look at a mail server: it names the step that fails, says how to mend it, and never sends a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.outside.mail.check import check_mail
from shared.outside.mail.conversation import Patience
from shared.outside.mail.errors import STEPS, MailError
from shared.outside.mail.keys import Password
from shared.outside.mail.setup import MailServer, Security
from shared.runtime.secrets import Secret
from tests.simulators.smtp import SmtpSimulator
from tests.simulators.smtp_certificates import Authority

KEY = Password(Secret("right"))


@pytest.fixture
async def server() -> AsyncIterator[SmtpSimulator]:
    async with SmtpSimulator(passwords={"house": "right"}) as running:
        yield running


async def failure(server: MailServer, *args: Any, **more: Any) -> MailError:
    """What is wrong with a server."""
    with pytest.raises(MailError) as caught:
        await check_mail(server, *args, **more)
    assert caught.value.step in STEPS and caught.value.code == f"mail_{caught.value.step}"
    return caught.value


def changed(server: MailServer, **changes: Any) -> MailServer:
    return msgspec.structs.replace(server, **changes)


@pytest.mark.parametrize(("security", "tls"), [("plain", ""), ("starttls", "TLSv1.3"), ("tls", "TLSv1.3")])
async def test_a_server_that_is_well(folder: Path, security: Security, tls: str) -> None:
    authority = Authority(folder)
    async with SmtpSimulator(
        security, context=authority.server_context(), passwords={"house": "right"}, login_required=True
    ) as server:
        set_up = server.set_up(login="password", username="house")
        check = await check_mail(set_up, KEY, recipient="me@example.org", trust=authority.trust())
        assert (check.tls, check.method, check.takes_utf8) == (tls, "PLAIN", True)
        assert check.latency_ms > 0
        assert server.commands["RCPT"] == 1 and server.commands["DATA"] == 0 and server.messages == []


async def test_a_name_that_nobody_has(server: SmtpSimulator) -> None:
    error = await failure(changed(server.set_up(), host="mail.invalid"))
    assert error.step == "name" and "There is no mail server called mail.invalid" in error.message
    error = await failure(changed(server.set_up(), host="mail..example"))
    assert error.step == "name"


async def test_a_port_where_nothing_listens(server: SmtpSimulator) -> None:
    error = await failure(changed(server.set_up(), port=1))
    assert error.step == "connection" and "nothing listens on port 1" in error.message


async def test_a_server_that_turns_us_away(server: SmtpSimulator) -> None:
    server.faults.say("EHLO", "554 5.7.1 Your address is on a list")
    error = await failure(server.set_up())
    assert error.step == "connection" and "turns us away (554 5.7.1 Your address is on a list)" in error.message


async def test_a_server_that_says_nothing_or_nothing_of_use() -> None:
    for greeting, words in ((b"", "nothing came back"), (b"SSH-2.0-OpenSSH\r\n", "does not speak SMTP")):

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: bytes = greeting) -> None:
            writer.write(said)
            await reader.read()
            writer.close()

        stranger = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with stranger:
            set_up = MailServer(
                host="127.0.0.1",
                port=stranger.sockets[0].getsockname()[1],
                security="plain",
                login="none",
                sender="house@example.org",
            )
            error = await failure(set_up, patience=Patience(connection=0.2))
        assert error.step == "connection" and words in error.message


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_certificates_that_prove_nothing(folder: Path, security: Security) -> None:
    authority, stranger = Authority(folder), Authority(folder)
    cases = [
        (stranger.server_context(), "is not signed by anybody this machine trusts"),
        (authority.server_context(ended=timedelta(days=3)), "has expired"),
        (authority.server_context("mail.example.org"), "is for another name"),
        (authority.server_context(ended=timedelta(days=-9)), "is not valid yet"),
    ]
    for context, words in cases:
        async with SmtpSimulator(security, context=context) as server:
            error = await failure(server.set_up(), trust=authority.trust())
        assert error.step == "tls" and words in error.message and not error.transient


async def test_the_wrong_kind_of_encryption(server: SmtpSimulator) -> None:
    error = await failure(server.set_up(security="starttls"))
    assert error.step == "tls" and "offers no STARTTLS" in error.message
    error = await failure(server.set_up(security="tls"))
    assert error.step == "tls" and "does not speak TLS" in error.message


async def test_log_ins_that_are_refused(server: SmtpSimulator) -> None:
    set_up = server.set_up(login="password", username="house")
    error = await failure(set_up, Password(Secret("wrong")))
    assert error.step == "login" and "535" in error.message and "correct the user name or the password" in error.message
    assert "wrong" not in error.message
    server.faults.say("AUTH", "534 5.7.9 Application-specific password required", times=1)
    assert "it wants an app password" in (await failure(set_up, KEY)).message
    server.faults.say("AUTH", "454 4.7.0 Temporary authentication failure", times=1)
    error = await failure(set_up, KEY)
    assert error.transient and "takes no log-in just now" in error.message
    server.faults.drop("AUTH")
    assert "hung up during the log-in" in (await failure(set_up, KEY)).message
    assert "enter a password" in (await failure(set_up)).message


async def test_log_ins_that_are_not_offered(folder: Path) -> None:
    authority = Authority(folder)
    async with SmtpSimulator(methods=["XOAUTH2"]) as server:
        error = await failure(server.set_up(login="password", username="house"), KEY)
    assert error.step == "login" and "only by XOAUTH2" in error.message
    async with SmtpSimulator("tls", context=authority.server_context(), methods=["PLAIN", "LOGIN"]) as server:
        error = await failure(server.set_up(login="oauth", username="house"), KEY, trust=authority.trust())
    assert "by consent (XOAUTH2), only by LOGIN, PLAIN" in error.message


async def test_a_sender_that_is_refused(server: SmtpSimulator) -> None:
    server.faults.say("MAIL", "553 5.7.1 Sender address rejected: not owned by user")
    error = await failure(server.set_up())
    assert error.step == "sender" and error.answer is not None and error.answer.code == 553
    assert "takes no mail from house@example.org (553 5.7.1 Sender address rejected" in error.message
    async with SmtpSimulator(login_required=True) as strict:
        error = await failure(strict.set_up())
    assert error.step == "sender" and error.message.endswith("Authentication required): log in")


async def test_a_recipient_that_is_refused(server: SmtpSimulator) -> None:
    server.faults.say("RCPT", "550 5.7.1 Relaying denied", times=1)
    error = await failure(server.set_up(), recipient="me@example.org")
    assert error.step == "recipient" and "takes no mail for me@example.org (550 5.7.1" in error.message
    server.faults.greylist()
    error = await failure(server.set_up(), recipient="me@example.org")
    assert error.transient and error.message.endswith("try again later")
    server.faults.clear()
    server.faults.drop("RCPT")
    error = await failure(server.set_up(), recipient="you@example.org")
    assert error.step == "recipient" and "broke off the conversation" in error.message
