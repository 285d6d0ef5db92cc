"""Templates: what they can say and what they can't, what is found when they are saved, and the defaults."""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.composing import composed
from shared.mail.days import written
from shared.mail.defaults import LANGUAGES, default_templates
from shared.mail.keys import message_id
from shared.mail.rendering import BadTemplate, check, rendered
from shared.mail.terms import Login, MailPerson, MailPolicy, Message, TemplateBody, Words
from shared.mail.unsubscribing import link_for, person_of, token_for
from shared.mail.variables import NAMES, VARIABLES, made_up, values_for
from shared.outside.mail.setup import MailServer

TODAY = date(2026, 3, 10)
KEY = b"k" * 32
SERVER = MailServer(host="mail.example.org", port=25, security="plain", login="none", sender="shows@example.org")
KIM = MailPerson(
    id=UUID(int=7),
    name="Kim Ann Lee",
    email="kim@example.org",
    plan="Family",
    expires_on=date(2026, 7, 1),
    logins=(
        Login(product="plex", server="Attic", url="https://attic.example", username="kim_p"),
        Login(product="jellyfin", server="Cellar", url="https://cellar.example", username="kim_j"),
    ),
)


def words(text: str = "Hello", **more: Any) -> Words:
    return Words(**{"subject": "Subject", "text": text, **more})


def message(given: Words, who: MailPerson = KIM, language: str = "en", **more: Any) -> Message:
    return composed(given, who, MailPolicy(brand_name="Attic TV"), TODAY, language=language, **more)


def test_the_variables_say_what_is_known_of_a_person() -> None:
    values = values_for(KIM, MailPolicy(brand_name="Attic TV"), TODAY, language="fr", product="jellyfin")
    assert values == {
        "username": "Kim Ann Lee",
        "firstname": "Kim",
        "lastname": "Ann Lee",
        "email": "kim@example.org",
        "subscription_name": "Family",
        "expiration_date": "1er juillet 2026",
        "days_left": 113,
        "days_past": 0,
        "server_name": "Cellar",
        "server_url": "https://cellar.example",
        "login_username": "kim_j",
        "brand_name": "Attic TV",
        "unsubscribe_url": "",
    }
    assert set(values) == NAMES
    assert all(variable.meaning for variable in VARIABLES)


def test_of_somebody_for_life_without_an_account_there_is_little_to_say() -> None:
    values = values_for(MailPerson(id=uuid4(), name="Zoe"), MailPolicy(), TODAY, language="en")
    assert {name for name, value in values.items() if value == ""} == {
        "lastname", "email", "subscription_name", "expiration_date", "days_left", "days_past", "server_name",
        "server_url", "login_username", "unsubscribe_url",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "1 March 2026"),
        ("fr", "1er mars 2026"),
        ("de", "1. März 2026"),
        ("de-AT", "1. März 2026"),
        ("es", "1 de marzo de 2026"),
        ("it", "1º marzo 2026"),
        ("sv", "2026-03-01"),
    ],
)
def test_a_day_is_written_as_its_language_does(language: str, expected: str) -> None:
    assert written(date(2026, 3, 1), language) == expected


def test_conditions_and_filters_work() -> None:
    text = "{% if days_left == 1 %}one{% elif days_left > 100 %}{{ username | upper }}{% else %}no{% endif %} {# x #}"
    assert message(words(text)).text == "KIM ANN LEE "
    assert message(words("{{ lastname | default('nobody', true) }}"), MailPerson(id=uuid4(), name="A")).text == "nobody"


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ username.__class__ }}",
    "{{ username['__class__'] }}",
    "{{ username | attr('__class__') }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ range(1000000000) }}",
    "{% for i in username %}{{ i }}{% endfor %}",
    "{% set username = 'x' %}",
    "{% macro m() %}{% endmacro %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{{ 'x' * 1000000000 }}",
    "{{ 10 ** 1000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ username.upper() }}",
    "{{ '{0.__class__}'.format(username) }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ username | center(1000000000) }}",
    "{{ username | safe }}",
    "{{ username | map('upper') }}",
    "{% filter upper %}x{% endfilter %}",
    "{% raw %}{% endraw %}{% block a %}{% endblock %}",
    "{{ username is callable }}",
    "{{ username[0] }}",
    "{% autoescape false %}{{ username }}{% endautoescape %}",
    "{% debug %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_has_no_way_out(text: str) -> None:
    (fault, *_) = check(words(text))
    assert (fault.part, fault.line) == ("text", 1)
    with pytest.raises(BadTemplate):
        message(words(text))


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{% if username %}" * 300 + "{% endif %}" * 300,
        "{{ " + " ~ ".join(["username"] * 5000) + " }}",
        "{{ " + "not " * 5000 + "username }}",
        "{{ username" + " | upper" * 3000 + " }}",
        "{{ " + "- " * 3000 + "days_left }}",
    ],
    ids=["brackets", "conditions", "joined", "negated", "filtered", "minus"],
)
def test_what_is_too_deep_is_told_and_does_not_break_anything(text: str) -> None:
    try:
        message(words(text))
    except BadTemplate as bad:
        assert bad.faults
    else:
        assert check(words(text)) == ()


def test_an_unknown_variable_is_found_when_saving() -> None:
    (fault,) = check(words("one\n{{ firstname }}\n{{ usrname }}"))
    assert (fault.part, fault.line) == ("text", 3)
    assert "usrname" in fault.message and "username" in fault.message


def test_all_that_is_wrong_is_told_with_its_place() -> None:
    found = check(words("{{ a1 }}\n{{ b1 | nonsense }}", subject="{% if %}", html="<p>\n{{ c1 }}"))
    assert [(fault.part, fault.line) for fault in found] == [("subject", 1), ("text", 1), ("text", 2), ("text", 2),
                                                           ("html", 2)]  # fmt: skip


def test_what_would_fail_for_some_is_found_when_saving() -> None:
    text = "{% if days_left > 3 %}long{% endif %} yes"
    assert check(words(text), "before_expiry") == ()
    (fault,) = check(words(text), "welcome")
    assert "for life" in fault.message
    assert check(words("{% if days_left %}{% if days_left > 3 %}long{% endif %}{% endif %} yes"), "welcome") == ()


def test_a_subject_or_text_that_can_come_out_empty_is_refused() -> None:
    (fault,) = check(words(subject="{{ subscription_name }}"), "welcome")
    assert fault.part == "subject"
    with pytest.raises(BadTemplate):
        message(words(subject="{{ unsubscribe_url }}"))


def test_in_html_values_are_escaped() -> None:
    who = MailPerson(id=uuid4(), name="<script>alert('x')</script> & Co")
    said = message(words("{{ username }}", html='<a title="{{ username }}">{{ username ~ "<b>" }}</a>'), who)
    assert said.text == "<script>alert('x')</script> & Co"
    assert "<script" not in said.html and "<b>" not in said.html
    assert '"&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; Co"' in said.html


@given(st.text(max_size=60))
def test_no_name_gets_another_line_into_the_head(name: str) -> None:
    said = message(words(subject="Hi {{ username }}"), MailPerson(id=uuid4(), name=name))
    sent = EmailMessage(policy=SMTP)
    sent["Subject"] = said.subject.encode(errors="replace").decode()
    assert "\r" not in said.subject and "\n" not in said.subject
    head = sent.as_bytes().split(b"\r\n\r\n")[0]
    assert all(line.startswith((b"Subject:", b" ")) for line in head.split(b"\r\n") if line)


def test_a_name_with_a_line_end_stays_in_the_subject() -> None:
    said = message(words(subject="Hi {{ username }}"), MailPerson(id=uuid4(), name="A\r\nBcc: all@example.org"))
    assert said.subject == "Hi A Bcc: all@example.org"


def test_a_campaign_says_how_to_unsubscribe_even_if_its_author_forgot() -> None:
    link = link_for(KIM.id, KEY, "https://shows.example.org/")
    said = message(words("News", html="<html><body><p>News</p></body></html>"), language="de-AT", unsubscribe_url=link)
    assert said.text.endswith(f"{link}\n") and "abmelden" in said.text
    assert said.html.endswith("</body></html>") and link in said.html
    own = message(words("Bye: {{ unsubscribe_url }}", html="<p>{{ unsubscribe_url }}</p>"), unsubscribe_url=link)
    assert own == Message(subject="Subject", text=f"Bye: {link}", html=f"<p>{link}</p>")
    assert "--" not in message(words("A notice")).text


def test_a_link_to_unsubscribe_proves_itself() -> None:
    token = token_for(KIM.id, KEY)
    assert person_of(token, KEY) == KIM.id
    assert person_of(token, b"other" * 8) is None
    for changed in ("A" + token[1:], token[:-1] + "A", token + "A", token[:-4], "", "ü", "!" * len(token)):
        assert changed == token or person_of(changed, KEY) is None
    assert link_for(KIM.id, KEY, "") == ""


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_link(text: str) -> None:
    assert person_of(text, KEY) is None


def test_a_message_id_is_the_same_for_the_same_key() -> None:
    first = message_id("notice/1", SERVER)
    assert first == message_id("notice/1", SERVER) != message_id("notice/2", SERVER)
    assert first.startswith("<") and first.endswith("@example.org>")


DEFAULTS = list(default_templates())


@pytest.mark.parametrize("body", DEFAULTS, ids=lambda body: f"{body.language}-{body.event}-{body.days}")
def test_a_default_template_reads_well(body: TemplateBody) -> None:
    given = Words(subject=body.subject, text=body.text, html=body.html)
    assert check(given, body.event) == ()
    people = [made_up(body.event, TODAY, body.days)]
    if body.event in ("welcome", "subscription_changed", "access_restored", "pending_invitation"):
        people.append(MailPerson(id=uuid4(), name="Zoe"))
    for who in people:
        said = message(given, who, body.language)
        assert "\n\n\n" not in said.text and "{" not in said.text + said.html
        assert said.text.endswith("Attic TV\n") and who.name.split()[0] in said.text
        assert f'lang="{body.language}"' in said.html and said.html.count("<p ") == said.html.count("</p>")
    for days in range(1, 4) if body.days > 3 else ():
        late = MailPerson(id=uuid4(), name="Zoe", expires_on=TODAY + timedelta(days=body.days - days))
        if body.event == "before_expiry":
            assert str(body.days - days) in message(given, late, body.language).text


def test_the_five_languages_have_the_same_defaults() -> None:
    assert set(LANGUAGES) == {"en", "fr", "de", "es", "it"}
    of_language = [{(body.event, body.days) for body in DEFAULTS if body.language == tag} for tag in LANGUAGES]
    assert all(moments == of_language[0] for moments in of_language)
    assert {("before_expiry", 30), ("before_expiry", 7), ("before_expiry", 0), ("expired", 0)} <= of_language[0]
    assert len({body.text for body in DEFAULTS}) == len(DEFAULTS)


@pytest.mark.parametrize(
    "more",
    [{"event": "expired"}, {"event": "after_expiry", "days": 0}, {"event": "pending_invitation", "days": 0},
     {"days": 400}, {"days": -1},
     {"language": "EN US"}, {"subject": ""}, {"text": ""}, {"event": "birthday"}, {"colour": "red"}],
)  # fmt: skip
def test_what_can_be_no_template_is_refused(more: dict[str, Any]) -> None:
    usual = {"event": "before_expiry", "days": 7, "language": "en", "subject": "s", "text": "t"}
    assert msgspec.convert(usual, TemplateBody).days == 7
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**usual, **more}, TemplateBody)


def test_rendering_needs_no_event() -> None:
    assert rendered(words("{{ firstname }}"), {"firstname": "Kim"}).text == "Kim"
