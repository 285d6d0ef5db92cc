"""Our mail and a server that nobody wrote for it, Postfix: every door, what it refuses, and what is left of a crash."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sized
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec import structs

from services.workers.clients.letters import Letter
from services.workers.clients.postman import Postman
from services.workers.clients.postman_rules import Deferred, Delivered, Pace, Refused, Result, Uncertain
from shared.outside.mail.check import check_mail
from shared.outside.mail.conversation import Patience
from shared.outside.mail.errors import MailError, Step
from shared.outside.mail.keys import Password
from shared.outside.mail.setup import Security
from shared.runtime.secrets import Secret
from tests.containers.docker import complaint
from tests.containers.mail_servers import DOORS, KEY, LARGEST, SECURITIES, USERNAME, Method, PostfixServer
from tests.containers.stand_ins import NoImages
from tests.simulators.smtp_certificates import Authority
from tests.support.folders import short_folder
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("containers")

MANY = 400  # more than are sent before the last kill
PACE = Pace(a_minute=6_000)  # however fast the machine is
KILLS_AFTER = (40, 80, 120)  # letters that were answered
# RFC 3848: what a server says of how it heard a message, in its Received header.
HEARD: dict[tuple[bool, bool], str] = {
    (False, False): "ESMTP",
    (False, True): "ESMTPA",
    (True, False): "ESMTPS",
    (True, True): "ESMTPSA",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[PostfixServer]:
    """Postfix, up and running."""
    if reason := complaint():
        pytest.skip(reason)
    try:
        image = PostfixServer.build()
    except NoImages as lacking:
        pytest.skip(str(lacking))
    with short_folder() as folder:
        server = PostfixServer(f"showrunner-mail-{os.getpid()}", Authority(folder))
        try:
            await server.create(image)
            yield server
        finally:
            server.remove()


def letter(key: str, to: str = "person1@example.net", **more: Any) -> Letter:
    given = {"subject": "Hello", "text": "Ends soon.\n.\n.really\n", **more}
    return Letter(to=to, message_id=f"<{key}@example.org>", **given)


def postman(server: PostfixServer, security: Security = "plain", method: Method = "", **more: Any) -> Postman:
    return Postman(server.set_up(security, method), KEY if method else None, trust=server.trust, **more)


@pytest.mark.parametrize(("security", "method"), DOORS)
async def test_every_security_with_every_log_in(server: PostfixServer, security: Security, method: Method) -> None:
    key = KEY if method else None
    check = await check_mail(server.set_up(security, method), key, recipient="person1@example.net", trust=server.trust)
    assert (check.method, bool(check.tls), check.takes_utf8) == (method, security != "plain", True)

    sent = letter(f"door-{security}-{method or 'none'}")
    async with postman(server, security, method) as ready:
        assert isinstance(await ready.send(sent), Delivered)
    received = str((await server.arrived(sent))["Received"])
    assert f" with {HEARD[security != 'plain', bool(method)]} " in received
    assert (f"(Authenticated sender: {USERNAME}@example.net)" in received) == bool(method)


async def test_a_letter_arrives_as_it_was_written(server: PostfixServer) -> None:
    sent = letter(
        "whole",
        to="jörg@example.net",
        to_name='Jörg, the "first"',
        subject="Dein Zugang endet am 30. März – " + "wirklich " * 20,
        text="Grüße\n.\n..\nFrom here\n" + "lang " * 400,
        html="<p>Grüße</p>\n.\n<p>" + "lang " * 400,
        unsubscribe="https://house.example.org/unsubscribe/abc",
    )
    async with postman(server) as ready:
        assert isinstance(await ready.send(sent), Delivered)
    message = await server.arrived(sent)
    assert message["Delivered-To"] == "jörg@example.net" and message["Return-Path"] == "<house@example.org>"
    assert str(message["From"]) == "The House <house@example.org>"
    assert message["To"].addresses[0].display_name == sent.to_name
    assert message["Subject"] == sent.subject.strip()
    assert message["List-Unsubscribe"] == f"<{sent.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.defects == [] and all(part.defects == [] for part in message.walk())
    for kind, written in (("plain", sent.text), ("html", sent.html)):
        body = message.get_body((kind,))
        assert body is not None and body.get_content().splitlines() == written.splitlines()


async def test_who_is_unknown_stops_only_their_own_letter(server: PostfixServer) -> None:
    letters = [letter("before"), letter("unknown", to="stranger@example.net"), letter("after")]
    async with postman(server) as ready:
        before, unknown, after = [await ready.send(each) for each in letters]
    assert isinstance(before, Delivered) and isinstance(after, Delivered)
    assert isinstance(unknown, Refused) and unknown.code == 550 and "User unknown" in unknown.said
    await server.arrived(letters[0])
    await server.arrived(letters[2])


async def test_a_letter_that_is_too_large_stops_only_itself(server: PostfixServer) -> None:
    async with postman(server) as ready:
        large = await ready.send(letter("large", text="much " * LARGEST))
        assert isinstance(large, Refused) and large.code == 552 and "5.3.4" in large.said
        assert isinstance(await ready.send(letter("small")), Delivered)


async def test_a_greylisted_letter_is_put_off_and_taken_later(server: PostfixServer) -> None:
    sent = letter("greylisted", to="greylisted@example.net")
    async with postman(server) as ready:
        first = await ready.send(sent)
        assert isinstance(first, Deferred) and first.code == 451 and "Greylisted" in first.said
        assert isinstance(await ready.send(letter("meanwhile")), Delivered)
        assert isinstance(await ready.send(sent), Delivered)
    await server.arrived(sent)


async def test_nothing_is_sent_to_the_rest_of_the_world(server: PostfixServer) -> None:
    with pytest.raises(MailError, match=r"554 5\.7\.1 .*Relay access denied") as caught:
        await check_mail(server.set_up(), recipient="anybody@example.com")
    assert caught.value.step == "recipient"


@pytest.mark.parametrize("security", SECURITIES)
async def test_a_wrong_password_is_refused_and_never_told(server: PostfixServer, security: Security) -> None:
    with pytest.raises(MailError, match=r"535 5\.7\.8 .*correct the user name or the password") as caught:
        await check_mail(server.set_up(security, "PLAIN"), Password(Secret("wr0ng")), trust=server.trust)
    assert caught.value.step == "login" and not caught.value.transient and "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("door", "chosen", "step", "words"),
    [
        ("plain", "starttls", "tls", "offers no STARTTLS"),
        ("plain", "tls", "tls", "does not speak TLS"),
        ("starttls", "plain", "sender", r"530 5\.7\.0 Must issue a STARTTLS command first\): choose STARTTLS"),
        ("starttls", "tls", "tls", "does not speak TLS"),
    ],
)
async def test_the_wrong_security_is_told(
    server: PostfixServer, door: Security, chosen: Security, step: Step, words: str
) -> None:
    set_up = structs.replace(server.set_up(door), security=chosen)
    with pytest.raises(MailError, match=words) as caught:
        await check_mail(set_up, trust=server.trust)
    assert caught.value.step == step


@pytest.mark.parametrize("chosen", ["plain", "starttls"])
async def test_where_tls_is_awaited_nobody_says_hello(server: PostfixServer, chosen: Security) -> None:
    set_up = structs.replace(server.set_up("tls"), security=chosen)
    with pytest.raises(MailError, match="nothing came back") as caught:
        await check_mail(set_up, trust=server.trust, patience=Patience(connection=0.5))
    assert caught.value.step == "connection"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_proves_nothing_gets_no_password(
    server: PostfixServer, folder: Path, security: Security
) -> None:
    with pytest.raises(MailError, match="is not signed by anybody this machine trusts") as caught:
        await check_mail(server.set_up(security, "PLAIN"), KEY, trust=Authority(folder).trust())
    assert caught.value.step == "tls"


async def test_a_server_that_dies_before_its_answer_leaves_the_letter_open(server: PostfixServer) -> None:
    sent = letter("open")
    frozen = asyncio.Event()

    async def freeze() -> None:
        server.freeze()
        frozen.set()

    async with postman(server) as ready:
        sending = asyncio.create_task(ready.send(sent, freeze))
        await frozen.wait()
        server.kill()
        result = await sending
        assert isinstance(result, Uncertain) and "had all of the message, but it hung up" in result.said
        await server.start()
        assert isinstance(await ready.send(sent), Delivered), "as somebody asked for it"
    await server.arrived(sent)


async def test_a_server_that_is_killed_among_many_letters_takes_each_once(server: PostfixServer) -> None:
    letters = [letter(f"many-{number}", to=f"person{number}@example.net") for number in range(MANY)]
    results: dict[str, Result] = {}

    async def send_the_rest() -> None:
        for each in letters:
            if not isinstance(results.get(each.message_id), Delivered | Uncertain):
                results[each.message_id] = await ready.send(each)

    async with postman(server, pace=PACE) as ready:
        for answered in KILLS_AFTER:
            sending = asyncio.create_task(send_the_rest())
            await wait_until(partial(_has, results, answered), what="letters that were answered")
            await asyncio.to_thread(server.kill)
            with pytest.raises(MailError) as caught:
                await sending
            assert caught.value.transient
            await server.start()
        await send_the_rest()

    taken = {key for key, result in results.items() if isinstance(result, Delivered)}
    left_open = {key for key, result in results.items() if isinstance(result, Uncertain)}
    assert taken | left_open == {each.message_id for each in letters} and len(left_open) <= len(KILLS_AFTER)
    await wait_until(lambda: taken <= {key for key, _ in server.taken()}, 30, what="all that was taken")
    assert set(Counter(key for key, _ in server.taken()).values()) == {1}


def _has(results: Sized, count: int) -> bool:
    return len(results) >= count
