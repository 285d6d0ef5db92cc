"""The jobs that send notices: who gets one, what the mail server may answer, and that nobody gets one twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.mail.terms import MailPolicy
from tests.simulators.smtp import SmtpSimulator
from tests.support.mailing import INVITATIONS, NOTICES, WHO, Mailing, open_mailing
from tests.support.recorded import RecordedRun
from tests.support.waiting import wait_until


@pytest.fixture
async def server() -> AsyncIterator[SmtpSimulator]:
    async with SmtpSimulator() as running:
        yield running


@pytest.fixture
async def mailing(postgres: str, folder: Path, server: SmtpSimulator) -> AsyncIterator[Mailing]:
    async with open_mailing(postgres, folder, server) as opened:
        yield opened


async def test_without_a_mail_server_nothing_is_sent_and_the_reason_is_told(mailing: Mailing) -> None:
    await mailing.tools.mailroom.set_policy(MailPolicy(), WHO)
    for name in (NOTICES, INVITATIONS):
        result, _ = await mailing.run(name)
        assert (result.outcome, result.summary) == (
            "skipped",
            "No mail server is set up: enter one in the mail settings",
        )


async def test_a_reminder_is_sent_on_its_day_and_once(mailing: Mailing) -> None:
    await mailing.person("Ada", days_left=7)
    await mailing.person("Ben", days_left=8)
    result, run = await mailing.run(NOTICES)
    assert (result.outcome, result.summary) == ("succeeded", "1 sent")
    assert [(change.action, change.target, change.why) for change in run.changes] == [
        ("notice sent", "Ada", "7 days before the last day")
    ]
    assert run.states == {1: "done"} and run.shares == [1.0]
    (taken,) = mailing.server.messages
    assert taken.recipients == ("ada@example.net",)
    delivery = (await mailing.deliveries())["Ada"]
    assert delivery.message_id == taken.message["Message-ID"] and delivery.subject == taken.message["Subject"]
    assert delivery.answer.startswith("250") and delivery.tries == 1
    result, run = await mailing.run(NOTICES)
    assert result.summary == "nothing to do" and run.changes == []
    mailing.time += timedelta(days=1)
    await mailing.run(NOTICES)
    assert mailing.arrived == {"ada@example.net": 1, "ben@example.net": 1}


async def test_a_dry_run_tells_who_would_get_mail_and_writes_nothing(mailing: Mailing) -> None:
    await mailing.person("Ada", days_left=7)
    await mailing.person("Ben", days_left=0)
    result, run = await mailing.run(NOTICES, dry_run=True)
    assert result.summary == "2 messages would be sent, to Ada, Ben"
    assert [change.why for change in run.changes] == ["7 days before the last day", "it is the last day"]
    assert not await mailing.states() and not mailing.server.messages
    assert "@" not in run.said, "a run's changes are for viewers too"


async def test_who_is_put_off_gets_it_later(mailing: Mailing) -> None:
    mailing.server.faults.greylist()
    await mailing.crowd(3)
    result, run = await mailing.run(NOTICES)
    assert result.summary == "3 deferred" and set(run.states.values()) == {"failed"}
    assert (await mailing.run(NOTICES))[0].summary == "nothing to do"
    mailing.time += timedelta(minutes=16)
    result, _ = await mailing.run(NOTICES)
    assert result.summary == "3 sent" and set(mailing.arrived.values()) == {1}
    assert {delivery.tries for delivery in (await mailing.deliveries()).values()} == {2}


async def test_a_notice_that_is_put_off_for_too_long_is_dropped(mailing: Mailing) -> None:
    mailing.server.faults.say("RCPT", "451 4.2.1 Mailbox busy")
    await mailing.person("Ada", days_left=7)
    for _ in range(4):
        await mailing.run(NOTICES)
        mailing.time += timedelta(days=1)
    result, run = await mailing.run(NOTICES)
    assert result.summary == "1 dropped" and run.states == {1: "skipped"}
    assert (await mailing.deliveries())["Ada"].answer == "it is too late for it"


async def test_a_bad_address_stops_only_its_own_message(mailing: Mailing) -> None:
    mailing.server.faults.say("RCPT", "550 5.1.1 No such user here", to="person1@")
    await mailing.crowd(3)
    result, run = await mailing.run(NOTICES)
    assert (result.outcome, result.summary) == ("succeeded", "2 sent, 1 refused")
    assert ("error", "Person1 refused: 550 5.1.1 No such user here") in run.lines
    delivery = (await mailing.deliveries())["Person1"]
    assert (delivery.state, delivery.tries, delivery.answer) == ("refused", 1, "550 5.1.1 No such user here")
    assert delivery.subject
    assert (await mailing.run(NOTICES))[0].summary == "nothing to do"


async def test_what_the_first_address_refuses_goes_to_the_second(mailing: Mailing) -> None:
    mailing.server.faults.say("RCPT", "550 5.1.1 No such user here", to="old@")
    await mailing.person("Ada", days_left=7, email="old@example.net", second_email="new@example.net")
    result, run = await mailing.run(NOTICES)
    assert result.summary == "1 sent" and run.states == {1: "done"}
    assert mailing.arrived == {"new@example.net": 1}


async def test_a_server_that_dies_in_the_middle_and_comes_back(mailing: Mailing) -> None:
    await mailing.crowd(6)
    first = mailing.server.faults.hold("MAIL", times=1)
    task = asyncio.ensure_future(mailing.fail(NOTICES))
    await wait_until(lambda: mailing.server.commands["MAIL"] == 1)
    mailing.server.faults.hold("MAIL", times=1)
    first.set()
    await wait_until(lambda: mailing.server.commands["MAIL"] == 2)
    await mailing.server.go_down()
    failure, run = await task
    assert failure.retry and failure.code == "mail_connection"
    assert failure.message.startswith("1 sent; 5 still to send: ") and "nothing listens on port" in failure.message
    assert await mailing.states() == {"sent": 1, "due": 5}
    await mailing.server.come_up()
    result, again = await mailing.run(NOTICES, again=run)
    assert result.summary == "6 sent" and sorted(mailing.arrived.values()) == [1] * 6
    assert [change.target for change in again.changes][:1] == [run.changes[0].target], "changes keep their numbers"
    assert again.states == dict.fromkeys(range(1, 7), "done")


async def test_a_server_that_takes_no_mail_from_us_is_no_answer_to_a_message(mailing: Mailing) -> None:
    await mailing.crowd(2)
    mailing.server.faults.say("content", "550 5.4.5 Daily user sending limit exceeded", times=1)
    failure, run = await mailing.fail(NOTICES)
    assert failure.retry and "2 still to send" in failure.message
    assert (await mailing.run(NOTICES, again=run))[0].summary == "2 sent"


async def test_two_workers_at_once_send_each_message_once(mailing: Mailing) -> None:
    await mailing.crowd(40)
    both = mailing.handler(NOTICES), mailing.another_worker(NOTICES)
    await asyncio.gather(*(handler(RecordedRun(NOTICES)) for handler in both))
    assert len(mailing.arrived) == 40 and set(mailing.arrived.values()) == {1}
    assert await mailing.states() == {"sent": 40}


async def test_runs_of_one_worker_share_a_connection(mailing: Mailing) -> None:
    await mailing.crowd(4)
    held = mailing.server.faults.hold("MAIL", times=1)
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(mailing.run(NOTICES))
        await wait_until(lambda: mailing.server.commands["MAIL"] == 1)
        held.set()
    assert mailing.server.connections == 1 and len(mailing.server.messages) == 4
    await wait_until(lambda: mailing.server.open_connections == 0, what="the goodbye")


async def test_a_run_that_is_cancelled_before_a_message_goes_out_leaves_all_due(mailing: Mailing) -> None:
    await mailing.crowd(3)
    mailing.server.faults.hold("DATA")
    task = asyncio.ensure_future(mailing.run(NOTICES))
    await wait_until(lambda: mailing.server.commands["DATA"] == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await mailing.states() == {"due": 3}
    mailing.server.faults.clear()
    assert (await mailing.run(NOTICES))[0].summary == "3 sent"
    assert set(mailing.arrived.values()) == {1}


async def test_a_run_that_is_cancelled_while_a_message_goes_out_waits_for_the_answer(mailing: Mailing) -> None:
    await mailing.crowd(3)
    answer = mailing.server.faults.hold("content", times=1)
    task = asyncio.ensure_future(mailing.run(NOTICES))
    await wait_until(lambda: mailing.server.commands["content"] == 1)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await mailing.states() == {"sent": 1, "due": 2}
    await mailing.run(NOTICES)
    assert set(mailing.arrived.values()) == {1} and len(mailing.arrived) == 3


async def test_a_message_whose_answer_does_not_come_before_the_end_is_uncertain(mailing: Mailing) -> None:
    await mailing.crowd(2)
    mailing.server.faults.hold("content")
    task = asyncio.ensure_future(mailing.run(NOTICES))
    await wait_until(lambda: mailing.server.commands["content"] == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await mailing.states() == {"uncertain": 1, "due": 1}


async def test_what_is_uncertain_is_sent_again_only_if_somebody_asks(mailing: Mailing) -> None:
    await mailing.person("Ada", days_left=7)
    mailing.server.faults.drop("content", kept=True)
    result, run = await mailing.run(NOTICES)
    assert result.summary == "1 uncertain" and run.states == {1: "failed"}
    assert (await mailing.run(NOTICES))[0].summary == "nothing to do"
    await mailing.tools.mailroom.resend((await mailing.deliveries())["Ada"].id, WHO, mailing.time)
    assert (await mailing.run(NOTICES))[0].summary == "1 sent"
    first, second = mailing.server.messages
    assert first.message["Message-ID"] == second.message["Message-ID"]


async def test_a_run_ends_by_itself_before_its_time_out(mailing: Mailing) -> None:
    await mailing.crowd(3)
    held = mailing.server.faults.hold("RCPT", times=1)
    task = asyncio.ensure_future(mailing.run(NOTICES))
    await wait_until(lambda: mailing.server.commands["RCPT"] == 1)
    mailing.time += timedelta(minutes=50)
    held.set()
    result, _ = await task
    assert (result.outcome, result.summary) == ("succeeded", "1 sent; 2 still to send: the next run goes on")
    assert (await mailing.run(NOTICES))[0].summary == "2 sent"


async def test_no_more_is_sent_than_a_day_may_have(mailing: Mailing) -> None:
    await mailing.set_up(per_day=3)
    await mailing.crowd(5)
    result, _ = await mailing.run(NOTICES)
    assert result.outcome == "succeeded" and result.summary.startswith("3 sent; 2 still to send: As much mail was sent")
    assert (await mailing.run(NOTICES))[0].summary.startswith("2 still to send")
    mailing.time += timedelta(hours=26)
    assert (await mailing.run(NOTICES))[0].summary == "2 sent"
    assert len(mailing.arrived) == 5


async def test_a_renewal_makes_a_waiting_reminder_void(mailing: Mailing) -> None:
    person_id = await mailing.person("Ada", days_left=7)
    mailing.server.faults.say("RCPT", "451 4.2.1 Mailbox busy", times=1)
    await mailing.run(NOTICES)
    await mailing.pool.execute("UPDATE subscription SET expires_on = expires_on + 30 WHERE person_id = $1", person_id)
    mailing.time += timedelta(minutes=20)
    result, _ = await mailing.run(NOTICES)
    assert result.summary == "1 dropped"
    assert (await mailing.deliveries())["Ada"].answer == "what it speaks of has changed meanwhile"
