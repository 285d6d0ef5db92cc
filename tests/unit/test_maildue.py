"""Which notices are due: the days of each, who gets none, and a year with outages, renewals and other languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from shared.mail.due import CATCH_UP, campaign_unwanted, due, notice_of, unwanted
from shared.mail.terms import Change, Due, Event, Login, MailPerson, MailTemplate, Product

TODAY = date(2026, 3, 10)
PLAN, OTHER_PLAN = UUID(int=1), UUID(int=2)
PLEX = Login(product="plex", server="Attic", url="https://attic.example", username="kim")
JELLYFIN = Login(product="jellyfin", server="Cellar", url="https://cellar.example", username="kim")


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def person(number: int = 1, **more: Any) -> MailPerson:
    usual = {"id": UUID(int=100 + number), "name": f"Person {number}", "email": f"p{number}@example.org"}
    return MailPerson(**{**usual, "logins": (PLEX,), **more})


def template(event: Event, days: int = 0, **more: Any) -> MailTemplate:
    usual = {"id": UUID(int=1000 + days), "language": "en", "subject": "s", "text": "t"}
    return MailTemplate(event=event, days=days, **{**usual, **more})


def found(
    who: MailPerson, templates: Sequence[MailTemplate], done: Collection[str] = (), today: date = TODAY
) -> list[tuple[Event, int]]:
    return [(one.event, one.days) for one in due([who], templates, done, today, default_language="en")]


@pytest.mark.parametrize(
    ("event", "days", "left", "expected"),
    [
        ("before_expiry", 7, 8, False),
        ("before_expiry", 7, 7, True),
        ("before_expiry", 7, 4, True),
        ("before_expiry", 7, 3, False),
        ("before_expiry", 1, 1, True),
        ("before_expiry", 1, 0, True),
        ("before_expiry", 1, -1, False),
        ("before_expiry", 0, 0, True),
        ("before_expiry", 0, -1, False),
        ("expired", 0, 0, False),
        ("expired", 0, -1, True),
        ("expired", 0, -4, True),
        ("expired", 0, -5, False),
        ("after_expiry", 7, -6, False),
        ("after_expiry", 7, -7, True),
        ("after_expiry", 7, -10, True),
        ("after_expiry", 7, -11, False),
    ],
)
def test_a_notice_about_the_last_day_has_its_days(event: Event, days: int, left: int, expected: bool) -> None:
    assert bool(found(person(expires_on=day(left)), [template(event, days)])) is expected


@pytest.mark.parametrize(("ago", "expected"), [(2, False), (3, True), (6, True), (7, False)])
def test_an_open_invitation_is_recalled_after_its_days(ago: int, expected: bool) -> None:
    who = person(state="invited", invited_on=day(-ago))
    assert bool(found(who, [template("pending_invitation", 3)])) is expected


@pytest.mark.parametrize(("ago", "expected"), [(0, True), (3, True), (4, False)])
def test_news_are_told_within_three_days(ago: int, expected: bool) -> None:
    news: tuple[tuple[Event, MailPerson], ...] = (
        ("welcome", person(subscribed_on=day(-ago))),
        ("subscription_changed", person(change=Change(id=5, on=day(-ago)))),
        ("access_restored", person(change=Change(id=5, on=day(-ago), restored=True))),
    )
    for event, who in news:
        assert bool(found(who, [template(event)])) is expected


EVERY = [
    template("before_expiry", 7), template("before_expiry", 5), template("expired"), template("after_expiry", 3),
    template("welcome"), template("subscription_changed"), template("access_restored"),
]  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"email": ""},
        {"managed": False},
        {"staff": True},
        {"state": "suspended"},
        {"state": "removed"},
        {"state": "invited", "invited_on": TODAY},
        {"expires_on": None},
    ],
)
@pytest.mark.parametrize("left", [5, -1, -3])
def test_who_gets_nothing(more: dict[str, Any], left: int) -> None:
    assert found(person(**{"expires_on": day(left), **more}), EVERY) == []


def test_an_invited_person_gets_no_news() -> None:
    who = person(state="invited", subscribed_on=TODAY, change=Change(id=1, on=TODAY), expires_on=day(5))
    assert found(who, EVERY) == []


def test_an_unsubscribed_person_still_gets_notices_but_no_campaigns() -> None:
    who = person(expires_on=day(7), unsubscribed=True)
    assert found(who, EVERY) == [("before_expiry", 7)]
    assert campaign_unwanted(who) and campaign_unwanted(None) and not campaign_unwanted(person())


def test_mail_goes_to_the_second_address_of_who_has_no_first() -> None:
    (one,) = due([person(email="", second_email="b@example.org", expires_on=day(7))], EVERY, (), TODAY,
                 default_language="en")  # fmt: skip
    assert (one.address, one.second_address) == ("b@example.org", "")


def test_of_several_reminders_the_nearest_is_sent_and_the_others_never() -> None:
    who = person(expires_on=day(5))
    assert found(who, EVERY) == [("before_expiry", 5)]
    (one,) = due([who], EVERY, (), TODAY, default_language="en")
    assert found(who, EVERY, {one.key}) == []
    assert found(who, EVERY, {one.key}, day(1)) == []


def test_expired_and_after_are_not_sent_in_one_go_either() -> None:
    assert found(person(expires_on=day(-4)), EVERY) == [("after_expiry", 3)]


def test_who_has_just_heard_the_last_day_is_not_reminded_of_it_from_before() -> None:
    monthly = person(expires_on=day(7), change=Change(id=5, on=TODAY))
    assert found(monthly, EVERY) == [("subscription_changed", 0)]
    (told,) = due([monthly], EVERY, (), TODAY, default_language="en")
    assert found(monthly, EVERY, {told.key}, day(1)) == []
    assert found(monthly, EVERY, {told.key}, day(2)) == [("before_expiry", 5)]


def test_who_was_told_nothing_of_a_change_is_reminded() -> None:
    who = person(expires_on=day(6), change=Change(id=5, on=TODAY))
    switched_off = [template("before_expiry", 7), template("subscription_changed", enabled=False)]
    assert found(who, switched_off) == [("before_expiry", 7)]


def test_a_new_last_day_arms_the_reminders_again() -> None:
    who = person(expires_on=day(7))
    (one,) = due([who], EVERY, (), TODAY, default_language="en")
    assert found(who, EVERY, {one.key}) == []
    renewed = structs.replace(who, expires_on=day(37))
    assert found(renewed, EVERY, {one.key}, day(30)) == [("before_expiry", 7)]


def test_a_welcome_is_sent_once_in_a_life() -> None:
    who = person(subscribed_on=TODAY)
    (one,) = due([who], EVERY, (), TODAY, default_language="en")
    later = structs.replace(who, subscribed_on=day(50))
    assert found(later, EVERY, {one.key}, day(50)) == []


def test_a_welcome_is_not_overtaken_by_a_change() -> None:
    who = person(subscribed_on=day(-1), change=Change(id=5, on=TODAY))
    assert found(who, EVERY) == [("welcome", 0)]


def language_of(who: MailPerson, templates: Sequence[MailTemplate], default: str = "de") -> str | None:
    return next((one.language for one in due([who], templates, (), TODAY, default_language=default)), None)


@pytest.mark.parametrize(
    ("wished", "there", "expected"),
    [
        ("fr", ["en", "de", "fr"], "fr"),
        ("fr-CA", ["en", "de", "fr"], "fr"),
        ("fr-CA", ["fr", "fr-CA"], "fr-CA"),
        ("sv", ["en", "de", "fr"], "de"),
        ("sv", ["en", "fr"], "en"),
        ("", ["en", "de"], "de"),
        ("sv", ["fr"], None),
    ],
)
def test_the_language_is_the_persons_or_the_default_or_english(
    wished: str, there: list[str], expected: str | None
) -> None:
    templates = [template("expired", language=language) for language in there]
    assert language_of(person(expires_on=day(-1), language=wished), templates) == expected


def chosen(who: MailPerson, *templates: MailTemplate) -> UUID | None:
    return next((one.template_id for one in due([who], templates, (), TODAY, default_language="en")), None)


def scoped(number: int, provider: Product | None = None, plan_id: UUID | None = None, **more: Any) -> MailTemplate:
    return template("expired", id=UUID(int=number), provider=provider, plan_id=plan_id, **more)


def test_the_template_for_the_plan_is_nearer_than_that_for_the_product() -> None:
    for_all, for_plex, for_plan, for_both = scoped(1), scoped(2, "plex"), scoped(3, None, PLAN), scoped(4, "plex", PLAN)
    who = person(expires_on=day(-1), plan_id=PLAN)
    assert chosen(who, for_all, for_plex, for_plan, for_both) == for_both.id
    assert chosen(who, for_all, for_plex, for_plan) == for_plan.id
    assert chosen(who, for_all, for_plex) == for_plex.id
    assert chosen(structs.replace(who, plan_id=OTHER_PLAN), for_plan) is None
    assert chosen(structs.replace(who, logins=(JELLYFIN,)), for_plex) is None


def test_who_has_accounts_on_both_gets_what_is_for_all() -> None:
    who = person(expires_on=day(-1), logins=(JELLYFIN, PLEX))
    assert chosen(who, scoped(2, "plex"), scoped(3, "jellyfin"), scoped(1)) == UUID(int=1)
    assert chosen(who, scoped(3, "jellyfin"), scoped(2, "plex")) in (UUID(int=2), UUID(int=3))


def test_the_best_template_switched_off_means_that_nothing_is_sent() -> None:
    who = person(expires_on=day(-1), plan_id=PLAN)
    assert chosen(who, scoped(1), scoped(2, None, PLAN, enabled=False)) is None
    assert chosen(structs.replace(who, plan_id=None), scoped(1), scoped(2, None, PLAN, enabled=False)) == UUID(int=1)


def test_what_waited_is_looked_at_again() -> None:
    who = person(expires_on=day(7))
    notice = notice_of(who, "before_expiry", 7)
    assert notice is not None

    def why(now: MailPerson | None, today: date = TODAY) -> str:
        return unwanted(now, "before_expiry", 7, notice.key, today)

    assert why(who) == why(who, day(3)) == ""
    assert "late" in why(who, day(4))
    assert "changed" in why(structs.replace(who, expires_on=day(37)))
    assert "suspended" in why(structs.replace(who, state="suspended"))
    assert "there" in why(None)


REMINDERS = (30, 14, 7, 3, 2, 1, 0)
OFFERED = [
    *(template("before_expiry", days, language=tag) for days in REMINDERS for tag in ("en", "de", "fr")),
    template("expired", language="en"),
    template("after_expiry", 5, language="en"),
]


@st.composite
def years(draw: st.DrawFn) -> tuple[list[int], dict[int, int], dict[int, str]]:
    """The days of a year on which the job runs (never more than three in a row without), renewals, languages."""
    days, today = [], 0
    while today < 365:
        days.append(today)
        today += draw(st.integers(min_value=1, max_value=4))
    renewals = draw(st.dictionaries(st.sampled_from(days), st.integers(min_value=1, max_value=60), max_size=6))
    languages = draw(st.dictionaries(st.sampled_from(days), st.sampled_from(["en", "de", "fr", "sv"]), max_size=6))
    return days, renewals, languages


@pytest.mark.slow
@settings(deadline=None)
@given(years(), st.integers(min_value=0, max_value=60))
def test_in_a_year_nobody_is_reminded_twice_and_nobody_is_missed(
    year: tuple[list[int], dict[int, int], dict[int, str]], first_term: int
) -> None:
    days, renewals, languages = year
    who = person(expires_on=day(first_term))
    sent: dict[date, list[Due]] = {}
    lasting: dict[date, set[int]] = {}
    done: set[str] = set()
    for today in days:
        if today in renewals and who.expires_on:
            who = structs.replace(who, expires_on=max(who.expires_on, day(today)) + timedelta(days=renewals[today]))
        who = structs.replace(who, language=languages.get(today, who.language))
        assert who.expires_on
        lasting.setdefault(who.expires_on, set()).add(today)
        # The job runs more than once a day; only the first time there is anything to do.
        for _ in range(3):
            dues = due([who], OFFERED, done, day(today), default_language="de")
            assert len(dues) <= 1
            done |= {one.key for one in dues}
            sent.setdefault(who.expires_on, []).extend(dues)
    every = [one for dues in sent.values() for one in dues]
    assert max(Counter(one.key for one in every).values(), default=1) == 1
    assert all(one.expires_on == last_day for last_day, dues in sent.items() for one in dues)
    for last_day, looked_at in lasting.items():
        for days_before in REMINDERS:
            first = last_day - timedelta(days=days_before)
            timely = [today for today in looked_at if first <= day(today) <= min(first + CATCH_UP, last_day)]
            nearer = [one for one in sent[last_day] if one.event != "before_expiry" or one.days <= days_before]
            assert nearer or not timely, f"{days_before} days before {last_day} nobody was told"


@settings(deadline=None)
@given(years())
def test_each_reminder_is_sent_on_its_day_when_nothing_fails(
    year: tuple[list[int], dict[int, int], dict[int, str]],
) -> None:
    _, _, languages = year
    who, done, sent = person(expires_on=day(40)), set[str](), []
    for today in range(60):
        who = structs.replace(who, language=languages.get(today, who.language))
        for one in due([who], OFFERED, done, day(today), default_language="de"):
            done.add(one.key)
            sent.append((one.event, one.days, today))
    reminders = [("before_expiry", days, 40 - days) for days in REMINDERS]
    assert sent == [*reminders, ("expired", 0, 41), ("after_expiry", 5, 45)]
