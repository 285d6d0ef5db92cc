"""The mailroom on a real database: how mail is set up, whom it knows, and what is written down as due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from shared.directory.errors import (
    NoSuchPerson,
    NoSuchPlan,
    NoSuchTemplate,
    TemplateTaken,
)
from shared.directory.subscribers import PersonEdit, PlanBody
from shared.mail.defaults import default_templates
from shared.mail.due import due
from shared.mail.rendering import BadTemplate
from shared.mail.terms import MailPolicy, OAuthClient, SecretName
from shared.outside.mail.providers import GOOGLE
from shared.runtime.secrets import Secret
from tests.support.household import TODAY
from tests.support.mailrooms import (
    AT,
    BODY,
    SERVER,
    House,
    notice,
    open_mailroom,
    planned,
)


@pytest.fixture
async def house(postgres: str, folder: Path) -> AsyncIterator[House]:
    async with open_mailroom(postgres, folder) as made:
        yield made


async def test_the_policy_and_its_secrets_are_kept(house: House) -> None:
    policy = MailPolicy(server=SERVER, oauth=OAuthClient(provider=GOOGLE, client_id="us"), per_minute=30)
    assert (await house.room.set_policy(policy, "ada")).public_url == "https://shows.example.org"
    assert await house.room.policy() == policy
    await house.room.set_secret("smtp_password", Secret("hush"), "ada")
    assert await house.room.secret("smtp_password") == Secret("hush")
    assert b"hush" not in await house.home.pool.fetchval("SELECT sealed FROM secret")
    assert await house.room.secret("oauth_refresh_token") is None
    await house.room.set_secret("smtp_password", None, "ada")
    assert await house.room.secrets() == set()
    assert house.room.unsubscribe_key == house.vault.derived("unsubscribing") != house.vault.derived("another")


@pytest.mark.parametrize(
    ("more", "oauth", "secrets", "says"),
    [
        ({}, None, (), ""),
        ({"login": "password"}, None, (), "password"),
        ({"login": "password"}, None, ("smtp_password",), ""),
        ({"login": "oauth"}, None, ("oauth_refresh_token",), "provider"),
        ({"login": "oauth"}, "google", (), "consent"),
        ({"login": "oauth"}, "google", ("oauth_refresh_token",), ""),
    ],
)
async def test_what_is_lacking_is_told(
    house: House, more: dict[str, Any], oauth: Any, secrets: Sequence[SecretName], says: str
) -> None:
    client = OAuthClient(provider=oauth, client_id="us") if oauth else None
    server = structs.replace(SERVER, username="house", **more)
    await house.room.set_policy(MailPolicy(server=server, oauth=client), "ada")
    for name in secrets:
        await house.room.set_secret(name, Secret("x"), "ada")
    lacking = await house.room.lacking()
    assert says in lacking and bool(lacking) is bool(says)


async def test_without_a_server_nothing_can_be_sent(house: House) -> None:
    await house.room.set_policy(MailPolicy(), "ada")
    assert "server" in await house.room.lacking()


# What is said


async def test_the_default_templates_are_there_once_and_what_is_deleted_stays_so(house: House) -> None:
    first, second = await asyncio.gather(house.room.templates(), house.room.templates())
    assert len(first) == len(second) == len(list(default_templates()))
    await house.room.remove_template(first[0].id)
    assert len(await house.room.templates()) == len(first) - 1
    with pytest.raises(NoSuchTemplate):
        await house.room.template(first[0].id)
    with pytest.raises(NoSuchTemplate):
        await house.room.remove_template(first[0].id)


async def test_templates_are_written_changed_and_never_doubled(house: House) -> None:
    added = await house.room.add_template(BODY, "ada")
    assert (added.subject, added.changed_by) == ("Soon", "ada")
    with pytest.raises(TemplateTaken):
        await house.room.add_template(BODY, "ada")
    with pytest.raises(NoSuchPlan):
        await house.room.add_template(structs.replace(BODY, plan_id=uuid4()), "ada")
    other = await house.room.add_template(structs.replace(BODY, provider="plex"), "ada")
    with pytest.raises(TemplateTaken):
        await house.room.change_template(other.id, BODY, "ben")
    changed = await house.room.change_template(other.id, structs.replace(BODY, days=15), "ben")
    assert (changed.days, changed.provider, changed.changed_by) == (15, None, "ben")
    assert await house.room.template(other.id) == changed
    with pytest.raises(NoSuchTemplate):
        await house.room.change_template(uuid4(), structs.replace(BODY, days=16), "ben")


async def test_what_could_not_be_sent_is_not_saved(house: House) -> None:
    for words in ({"subject": "{{ nonsense }}"}, {"text": "{% if %}"}, {"html": "{{ username.upper() }}"}):
        with pytest.raises(BadTemplate):
            await house.room.add_template(structs.replace(BODY, **words), "ada")
        with pytest.raises(BadTemplate):
            await house.campaign(**words)


# Who gets what


async def test_a_person_is_gathered_with_all_that_decides(house: House) -> None:
    home = house.home
    await home.server("Attic", {"Kim": ["Movies"]})
    await home.server("Cellar", {"Zoe": []}, kind="jellyfin", role="admin")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30))
    kim = await home.id("Kim")
    await home.membership.edit_person(kim, PersonEdit(email="kim@example.org", language="fr"), "ada")
    assert not (await house.of(kim, AT)).managed
    await home.membership.subscribe(kim, plan.id, **home.here)
    now = datetime.now(UTC)
    found = await house.of(kim, now)
    assert (found.managed, found.staff, found.plan, found.language) == (True, False, "Family", "fr")
    assert found.expires_on == TODAY + timedelta(days=30)
    assert found.subscribed_on == now.astimezone(ZoneInfo("Europe/Paris")).date()
    assert found.change is None and found.invited_on is None
    (login,) = found.logins
    assert (login.product, login.server, login.username, login.url) == (
        "plex", "Attic", "Kim_1", "https://app.plex.tv",
    )  # fmt: skip
    assert (await house.of(await home.id("Zoe"), now)).staff
    assert [one.name for one in await house.room.people_for_mail(now)] == ["Kim", "Zoe"]
    assert (await house.of(kim, now + timedelta(days=10))).subscribed_on is None
    with pytest.raises(NoSuchPerson):
        await house.of(uuid4(), now)


async def test_a_renewal_is_a_change_and_after_an_end_it_gives_access_back(house: House) -> None:
    home, kim = house.home, await house.person("Kim")
    plan = await home.membership.add_plan(PlanBody(name="Family", days=30))
    await home.membership.subscribe(kim, plan.id, **home.here)
    await home.membership.renew(kim, **home.here)
    now = datetime.now(UTC)
    renewed = (await house.of(kim, now)).change
    assert renewed is not None and not renewed.restored
    assert await home.book.end(kim, TODAY + timedelta(days=60), approved=False, who="a run")
    assert (await house.of(kim, now)).change is None
    await home.membership.renew(kim, **home.here)
    back = (await house.of(kim, now)).change
    assert back is not None and back.restored and back.id > renewed.id
    await home.membership.renew(kim, **home.here)
    again = (await house.of(kim, now)).change
    assert again is not None and not again.restored
    await home.membership.suspend(kim, "", **home.here)
    await home.membership.unsuspend(kim, **home.here)
    lifted = (await house.of(kim, now)).change
    assert lifted is not None and lifted.restored


async def test_an_invitation_counts_from_when_it_is_open(house: House) -> None:
    home = house.home
    attic = await home.server("Attic", {"Kim": []})
    kim = await house.person("Zoe")
    await home.membership.want_account(kim, attic.id, **home.here)
    assert (await house.of(kim, AT)).state == "invited"
    assert (await house.of(kim, AT)).invited_on is None
    await home.pool.execute("UPDATE account SET state = 'pending' WHERE person_id = $1", kim)
    assert (await house.of(kim, AT)).invited_on == datetime.now(ZoneInfo("Europe/Paris")).date()


async def test_planning_again_writes_nothing_twice(house: House) -> None:
    person_id, template_id = await planned(house, "a", "b")
    again = [notice(key, person_id, template_id) for key in ("a", "b", "c")]
    assert await house.room.plan(again, AT) == 1
    assert await house.room.plan([], AT) == 0
    assert await house.room.known_keys(AT) == {"a", "b", "c"}
    assert await house.room.known_keys(AT + timedelta(days=100)) == set()
    # Somebody who is gone by now gets nothing, and holds nobody else up.
    assert await house.room.plan([notice("d", uuid4(), template_id), notice("e", person_id, uuid4())], AT) == 1


async def test_ten_thousand_are_planned_at_once_and_are_not_due_again(house: House) -> None:
    await house.home.pool.execute(
        "INSERT INTO person (name, email, managed_since) SELECT 'P' || n, 'p' || n || '@example.org', now()"
        " FROM generate_series(1, 10000) AS n"
    )
    await house.home.pool.execute(
        "INSERT INTO subscription (person_id, started_on, expires_on) SELECT id, $1, $2 FROM person", TODAY, TODAY
    )
    templates = await house.room.templates()
    people = await house.room.people_for_mail(AT)
    dues = due(people, templates, await house.room.known_keys(AT), TODAY, default_language="en")
    assert await house.room.plan(dues, AT) == 10_000
    keys = await house.room.known_keys(AT)
    assert due(people, templates, keys, TODAY, default_language="en") == []
