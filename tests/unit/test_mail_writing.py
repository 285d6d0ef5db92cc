"""What becomes of a claimed delivery: a letter or a reason not to send it; and what an answer makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.workers.clients.postman_rules import Deferred, Delivered, Refused, Uncertain
from services.workers.mail.writing import Unsendable, closing_of, written
from shared.directory.mailrecords import Outgoing
from shared.mail.keys import notice_key
from shared.mail.terms import MailPerson, MailPolicy, Words
from shared.mail.unsubscribing import link_for
from shared.outside.mail.setup import MailServer

NOW, TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC), date(2026, 6, 1)
KEY = b"k" * 32
SERVER = MailServer(host="mail.example.org", port=25, security="plain", login="none", sender="shows@example.org")
POLICY = MailPolicy(server=SERVER, public_url="https://shows.example.org")
LAST_DAY = TODAY + timedelta(days=7)
ADA = MailPerson(id=UUID(int=1), name="Ada", email="ada@example.net", expires_on=LAST_DAY)
REMINDER = notice_key(ADA.id, "before_expiry", 7, LAST_DAY)


def outgoing(**more: Any) -> Outgoing:
    """A reminder to Ada, unless told."""
    usual: dict[str, Any] = {
        "id": UUID(int=2),
        "key": REMINDER,
        "kind": "notice",
        "event": "before_expiry",
        "days": 7,
        "name": "Ada",
        "address": "ada@example.net",
        "language": "en",
        "product": None,
        "tries": 0,
        "message_id": "",
        "asked": False,
        "person": ADA,
        "words": Words(subject="Until {{ expiration_date }}", text="{{ days_left }} days"),
    }
    return Outgoing(**(usual | more))


def campaign(**more: Any) -> Outgoing:
    return outgoing(**({"kind": "campaign", "event": None, "days": 0, "key": "campaign/1/2"} | more))


def letter(given: Outgoing) -> Any:
    return written(given, POLICY, SERVER, TODAY, KEY)


def why_not(given: Outgoing) -> str:
    with pytest.raises(Unsendable) as caught:
        letter(given)
    return str(caught.value)


def test_a_notice_says_what_is_true_today_and_offers_no_way_out() -> None:
    found = letter(outgoing())
    assert (found.to, found.to_name, found.subject, found.text) == (
        "ada@example.net",
        "Ada",
        "Until 8 June 2026",
        "7 days",
    )
    assert found.unsubscribe == "" and found.message_id.endswith("@example.org>")
    assert letter(outgoing(message_id="<former@example.org>")).message_id == "<former@example.org>"


def test_a_campaign_offers_a_way_out() -> None:
    link = link_for(ADA.id, KEY, POLICY.public_url)
    found = letter(campaign())
    assert found.unsubscribe == link and link in found.text


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (outgoing(person=None), "the person is not there any more"),
        (outgoing(words=None), "the template or campaign is not there any more"),
        (outgoing(address=""), "there is no e-mail address"),
        (outgoing(key="notice/of/another/date"), "what it speaks of has changed meanwhile"),
        (outgoing(words=Words(subject="{{ nonsense }}", text="x")), "it can't be written for this person: "),
        (campaign(person=MailPerson(id=ADA.id, name="Ada", unsubscribed=True)), "they have unsubscribed"),
        (campaign(asked=True, person=MailPerson(id=ADA.id, name="Ada", unsubscribed=True)), "they have unsubscribed"),
        (campaign(person=MailPerson(id=ADA.id, name="Ada", state="removed")), "they are removed"),
    ],
)
def test_what_should_not_be_sent_says_why(given: Outgoing, why: str) -> None:
    assert why_not(given).startswith(why)


def test_a_person_who_asks_for_it_goes_before_the_calendar() -> None:
    assert letter(outgoing(key="notice/of/another/date", asked=True)).to == "ada@example.net"


def test_an_unsubscribed_person_still_gets_notices() -> None:
    unsubscribed = MailPerson(id=ADA.id, name="Ada", email=ADA.email, expires_on=LAST_DAY, unsubscribed=True)
    assert letter(outgoing(person=unsubscribed)).to == "ada@example.net"


def test_a_trial_without_a_person_is_written_for_somebody_made_up() -> None:
    found = letter(campaign(kind="test", person=None, words=Words(subject="Hello {{ firstname }}", text="x")))
    assert found.subject == "Hello Kim" and found.unsubscribe == ""
    assert link_for(ADA.id, KEY, POLICY.public_url) not in found.text


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Delivered(said="250 OK"), "sent"),
        (Refused(said="550 No", code=550), "refused"),
        (Uncertain(said="it hung up"), "uncertain"),
        (Deferred(said="451 Later", code=451), "deferred"),
    ],
)
def test_each_answer_closes_it(result: Any, state: str) -> None:
    closing = closing_of(outgoing(), result, NOW)
    assert (closing.state, closing.answer) == (state, result.said)


def test_what_is_put_off_comes_again_ever_later_and_is_given_up_at_last() -> None:
    closings = [closing_of(outgoing(tries=tries), Deferred(said="451 Later"), NOW) for tries in range(10)]
    pauses = [closing.next_at - NOW for closing in closings if closing.next_at is not None]
    day = timedelta(days=1)
    assert pauses == [timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), *[day] * 6]
    assert (closings[-1].state, closings[-1].answer) == ("refused", "given up after 10 tries: 451 Later")
