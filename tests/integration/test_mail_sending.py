"""The postman and a server that speaks real SMTP: every mode of security and log-in, and each thing that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.workers.clients.letters import Letter
from services.workers.clients.mail_line import Upkeep
from services.workers.clients.postman import DayFull, Postman
from services.workers.clients.postman_rules import Deferred, Delivered, Pace, Refused, Uncertain
from shared.outside.mail.conversation import Patience
from shared.outside.mail.errors import LoginRefused, MailError
from shared.outside.mail.keys import Password
from shared.outside.mail.setup import Security
from shared.runtime.secrets import Secret
from tests.simulators.smtp import SmtpSimulator
from tests.simulators.smtp_certificates import Authority
from tests.support.waiting import wait_until

PASSWORD = "pässword"
SECURITIES: tuple[Security, ...] = ("plain", "starttls", "tls")


def letter(number: int = 1, **more: Any) -> Letter:
    given = {"to": f"person{number}@example.net", "subject": "Hello", "text": "Ends soon.\n.\n.really\n", **more}
    return Letter(message_id=f"<key-{number}@example.org>", **given)


@asynccontextmanager
async def postman(server: SmtpSimulator, key: Password | None = None, **more: Any) -> AsyncIterator[Postman]:
    """A postman for a server with no log-in, or `house`'s."""
    set_up = server.set_up(login="password", username="house") if key else server.set_up()
    async with Postman(set_up, key, **more) as ready:
        yield ready


@pytest.fixture
async def server() -> AsyncIterator[SmtpSimulator]:
    async with SmtpSimulator() as running:
        yield running


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
async def test_every_security_with_every_log_in(folder: Path, security: Security, method: str) -> None:
    authority = Authority(folder)
    async with SmtpSimulator(
        security,
        context=authority.server_context(),
        passwords={"house": PASSWORD},
        methods=[method],
        login_required=True,
    ) as server:
        async with postman(server, Password(Secret(PASSWORD)), trust=authority.trust()) as ready:
            result = await ready.send(letter(html="<p>Ends soon."))
        assert isinstance(result, Delivered) and result.said.startswith("250 2.0.0 OK queued as")
        (taken,) = server.messages
        assert (taken.sender, taken.recipients) == ("house@example.org", ("person1@example.net",))
        assert taken.username == "house" and server.logins == [method]
        assert taken.message["Message-ID"] == "<key-1@example.org>"
        text = taken.message.get_body(("plain",))
        assert text is not None and text.get_content().splitlines() == ["Ends soon.", ".", ".really"]


@pytest.mark.parametrize("security", SECURITIES)
async def test_every_security_without_a_log_in(folder: Path, security: Security) -> None:
    authority = Authority(folder)
    async with (
        SmtpSimulator(security, context=authority.server_context()) as server,
        postman(server, trust=authority.trust()) as ready,
    ):
        assert isinstance(await ready.send(letter()), Delivered)


async def test_many_letters_share_one_connection_and_a_new_one_follows(server: SmtpSimulator) -> None:
    async with postman(server, upkeep=Upkeep(most_letters=10)) as ready:
        results = await asyncio.gather(*(ready.send(letter(number)) for number in range(25)))
    assert all(isinstance(result, Delivered) for result in results)
    assert [taken.connection for taken in server.messages] == [1] * 10 + [2] * 10 + [3] * 5
    await wait_until(lambda: server.open_connections == 0, what="the goodbye")


async def test_an_idle_connection_is_let_go(server: SmtpSimulator) -> None:
    async with postman(server, upkeep=Upkeep(idle=0.02)) as ready:
        await ready.send(letter(1))
        await wait_until(lambda: server.open_connections == 0, what="the goodbye")
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert server.connections == 2


async def test_a_connection_that_was_not_used_for_a_while_is_asked_first(server: SmtpSimulator) -> None:
    async with postman(server, upkeep=Upkeep(stale=0)) as ready:
        await ready.send(letter(1))
        assert server.commands["RSET"] == 0
        await ready.send(letter(2))
        assert server.commands["RSET"] == 1 and server.connections == 1
        server.faults.drop("RSET")
        assert isinstance(await ready.send(letter(3)), Delivered)
    assert server.connections == 2 and len(server.messages) == 3


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_an_old_connection_that_dies_is_opened_again_for_the_same_letter(
    server: SmtpSimulator, stage: Any
) -> None:
    async with postman(server) as ready:
        await ready.send(letter(1))
        server.faults.drop(stage)
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert server.connections == 2
    assert [taken.message["Message-ID"] for taken in server.messages] == ["<key-1@example.org>", "<key-2@example.org>"]


async def test_a_server_that_has_had_enough_of_a_connection_gets_a_new_one(server: SmtpSimulator) -> None:
    async with postman(server) as ready:
        await ready.send(letter(1))
        server.faults.say("MAIL", "421 4.7.0 Too many messages on this connection", times=1)
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert server.connections == 2


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
async def test_a_new_connection_that_dies_puts_the_letter_off(server: SmtpSimulator, stage: Any) -> None:
    server.faults.drop(stage)
    async with postman(server) as ready:
        result = await ready.send(letter(1))
        assert isinstance(result, Deferred) and "did not hear the message out" in result.said
        assert isinstance(await ready.send(letter(2)), Delivered)


async def test_a_bad_address_stops_only_its_own_letter(server: SmtpSimulator) -> None:
    server.faults.say("RCPT", "550 5.1.1 No such user here", to="person2@")
    async with postman(server) as ready:
        results = [await ready.send(letter(number)) for number in (1, 2, 3)]
        nonsense = await ready.send(letter(4, to="not an address"))
    assert [type(result) for result in results] == [Delivered, Refused, Delivered]
    assert results[1] == Refused(said="550 5.1.1 No such user here", code=550)
    assert isinstance(nonsense, Refused) and "is no mail address" in nonsense.said and nonsense.code == 0
    assert server.connections == 1 and len(server.messages) == 2


async def test_a_letter_that_is_refused_after_it_was_heard_stops_only_itself(server: SmtpSimulator) -> None:
    server.faults.say("content", "554 5.7.1 Looks like spam", times=1)
    async with postman(server) as ready:
        assert await ready.send(letter(1)) == Refused(said="554 5.7.1 Looks like spam", code=554)
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert server.connections == 1 and len(server.messages) == 1


async def test_a_greylisting_server_puts_off_and_takes_later(server: SmtpSimulator) -> None:
    server.faults.greylist()
    async with postman(server) as ready:
        first = await ready.send(letter(1))
        assert first == Deferred(said="451 4.7.1 Greylisted, try again later", code=451)
        assert isinstance(await ready.send(letter(1)), Delivered)
    assert len(server.messages) == 1


@pytest.mark.parametrize("kept", [True, False])
async def test_a_connection_lost_before_the_last_answer_leaves_it_open(server: SmtpSimulator, kept: bool) -> None:
    server.faults.drop("content", kept=kept)
    async with postman(server) as ready:
        result = await ready.send(letter(1))
        assert isinstance(result, Uncertain) and "had all of the message, but it hung up" in result.said
        assert len(server.messages) == kept
        assert isinstance(await ready.send(letter(1)), Delivered)
    assert {taken.message["Message-ID"] for taken in server.messages} == {"<key-1@example.org>"}


async def test_a_server_that_never_answers_the_message_leaves_it_open(server: SmtpSimulator) -> None:
    server.faults.hold("content")
    async with postman(server, patience=Patience(acceptance=0.05)) as ready:
        result = await ready.send(letter(1))
    assert isinstance(result, Uncertain) and "it did not answer in time" in result.said


async def test_a_slow_server_is_given_its_time(server: SmtpSimulator) -> None:
    released = server.faults.hold("RCPT")
    async with postman(server) as ready:
        sending = asyncio.create_task(ready.send(letter(1)))
        await wait_until(lambda: server.commands["RCPT"] == 1)
        assert not sending.done()
        released.set()
        assert isinstance(await sending, Delivered)


async def test_a_send_that_is_cancelled_leaves_no_half_spoken_conversation(server: SmtpSimulator) -> None:
    released = server.faults.hold("RCPT", times=1)
    async with postman(server) as ready:
        sending = asyncio.create_task(ready.send(letter(1)))
        await wait_until(lambda: server.commands["RCPT"] == 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        released.set()
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert [taken.recipients for taken in server.messages] == [("person2@example.net",)]


async def test_a_letter_that_is_called_back_right_before_it_goes_out_is_not_sent(server: SmtpSimulator) -> None:
    class CalledBack(Exception):
        pass

    async def call_back() -> None:
        assert server.commands["DATA"] == 1 and server.commands["content"] == 0
        raise CalledBack

    async with postman(server) as ready:
        with pytest.raises(CalledBack):
            await ready.send(letter(1), call_back)
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert [taken.recipients for taken in server.messages] == [("person2@example.net",)]


async def test_a_server_that_dies_sends_nothing_and_goes_on_when_it_is_back(server: SmtpSimulator) -> None:
    async with postman(server) as ready:
        await ready.send(letter(1))
        await server.go_down()
        with pytest.raises(MailError, match="nothing listens on port") as caught:
            await ready.send(letter(2))
        assert caught.value.step == "connection" and caught.value.transient
        await server.come_up()
        assert isinstance(await ready.send(letter(2)), Delivered)
    assert len(server.messages) == 2


@pytest.mark.parametrize(
    ("moment", "answer", "transient"),
    [
        ("MAIL", "550 5.7.60 Not allowed to send as this sender", False),
        ("MAIL", "451 4.3.0 Out of order", True),
        ("content", "550 5.4.5 Daily user sending limit exceeded", True),
        ("RCPT", "530 5.7.0 Authentication required", False),
    ],
)
async def test_what_is_no_letters_fault_is_an_error(
    server: SmtpSimulator, moment: Any, answer: str, transient: bool
) -> None:
    server.faults.say(moment, answer)
    async with postman(server) as ready:
        with pytest.raises(MailError, match=answer[:10]) as caught:
            await ready.send(letter())
    assert caught.value.step == "sender" and caught.value.transient is transient
    assert server.messages == []


async def test_a_wrong_password_is_shown_once_and_never_told(folder: Path) -> None:
    authority = Authority(folder)
    async with SmtpSimulator(
        "tls", context=authority.server_context(), passwords={"house": PASSWORD}, login_required=True
    ) as server:
        async with postman(server, Password(Secret("wr0ng")), trust=authority.trust()) as ready:
            with pytest.raises(LoginRefused, match="correct the user name or the password") as caught:
                await ready.send(letter())
        assert "wr0ng" not in str(caught.value) and not caught.value.transient
        assert server.logins == ["PLAIN"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_proves_nothing_gets_no_password(folder: Path, security: Security) -> None:
    async with SmtpSimulator(
        security, context=Authority(folder).server_context(), passwords={"house": PASSWORD}
    ) as server:
        async with postman(server, Password(Secret(PASSWORD))) as ready:
            with pytest.raises(MailError, match="is not signed by anybody this machine trusts") as caught:
                await ready.send(letter())
        assert caught.value.step == "tls" and not server.logins


async def test_letters_beyond_ascii_go_where_they_are_taken(server: SmtpSimulator) -> None:
    async with postman(server) as ready:
        for number, to in enumerate(("jörg@straße.example", "anna@bücher.example")):
            assert isinstance(await ready.send(letter(number, to=to, to_name="Jörg, Anna")), Delivered)
    first, second = server.messages
    assert first.recipients == ("jörg@xn--strae-oqa.example",)
    assert second.recipients == ("anna@xn--bcher-kva.example",)
    assert second.message["To"].addresses[0].display_name == "Jörg, Anna"


async def test_letters_beyond_ascii_are_refused_where_they_are_not() -> None:
    async with SmtpSimulator(takes_utf8=False) as server, postman(server) as ready:
        refused = await ready.send(letter(1, to="jörg@example.net"))
        assert isinstance(refused, Refused) and "SMTPUTF8" in refused.said
        assert isinstance(await ready.send(letter(2, to="anna@bücher.example")), Delivered)


class StillClock:
    """A clock that moves only when somebody sleeps by it."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


async def test_letters_keep_the_pace_of_the_minute(server: SmtpSimulator) -> None:
    clock = StillClock()
    async with postman(server, pace=Pace(a_minute=30), clock=clock) as ready:
        for number in range(4):
            await ready.send(letter(number))
    assert clock.time == 6.0


async def test_a_full_day_is_an_error_and_no_letter_is_sent(server: SmtpSimulator) -> None:
    server.faults.say("RCPT", "550 5.1.1 No such user", to="person1@")
    async with postman(server, pace=Pace(a_day=2)) as ready:
        for number in (1, 2, 3):
            await ready.send(letter(number))
        with pytest.raises(DayFull, match="there is room again at"):
            await ready.send(letter(4))
    assert len(server.messages) == 2, "the one that was refused does not count"
