"""The jobs that send campaigns and reminders of invitations, and sending for an account that gave consent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.directory.deliveries import Trial
from shared.mail.terms import OAuthClient
from shared.mail.unsubscribing import person_of
from shared.outside.http import new_session
from shared.outside.mail.consent import code_from, consent_url, new_consent
from shared.outside.mail.oauth import TokenEndpoint
from shared.runtime.secrets import Secret
from tests.simulators.oauth import OAuthSimulator
from tests.simulators.smtp import SmtpSimulator
from tests.support.mailing import CAMPAIGNS, INVITATIONS, NOTICES, WHO, Mailing, open_mailing
from tests.support.waiting import wait_until


@pytest.fixture
async def server() -> AsyncIterator[SmtpSimulator]:
    async with SmtpSimulator() as running:
        yield running


@pytest.fixture
async def mailing(postgres: str, folder: Path, server: SmtpSimulator) -> AsyncIterator[Mailing]:
    async with open_mailing(postgres, folder, server) as opened:
        yield opened


async def consented(provider: OAuthSimulator) -> Secret:
    """The refresh token of an account whose owner has just consented."""
    application, consent = provider.application, new_consent()
    async with new_session() as session:
        async with session.get(consent_url(application, consent), allow_redirects=False) as response:
            answer = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        endpoint = TokenEndpoint(session, application, Secret(provider.client_secret))
        grant = await endpoint.exchange(code_from(application, consent, answer), consent)
    assert grant.refresh_token is not None
    return grant.refresh_token


async def test_a_campaign_reaches_everybody_once_with_a_way_out(mailing: Mailing) -> None:
    ada = await mailing.person("Ada")
    await mailing.person("Ben")
    campaign = await mailing.campaign()
    result, run = await mailing.run(CAMPAIGNS)
    assert result.summary == "2 sent"
    assert {(change.action, change.target, change.why) for change in run.changes} == {
        ("campaign sent", "Ada", "a campaign"),
        ("campaign sent", "Ben", "a campaign"),
    }
    message = next(taken.message for taken in mailing.server.messages if taken.recipients == ("ada@example.net",))
    assert message["Subject"] == "News for Ada"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = message["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert person_of(token, mailing.tools.mailroom.unsubscribe_key) == ada
    assert (await mailing.tools.mailroom.campaign(campaign.id)).state == "sent"
    assert (await mailing.run(CAMPAIGNS))[0].summary == "nothing to do"


async def test_whoever_unsubscribes_before_their_turn_gets_nothing(mailing: Mailing) -> None:
    ada = await mailing.person("Ada")
    await mailing.person("Ben")
    await mailing.campaign()
    await mailing.tools.mailroom.unsubscribe(ada, "link", mailing.time)
    result, run = await mailing.run(CAMPAIGNS)
    assert result.summary == "1 sent, 1 dropped" and ("warning", "Ada dropped: they have unsubscribed") in run.lines
    assert mailing.arrived == {"ben@example.net": 1}


async def test_a_campaign_that_is_paused_in_the_middle_waits_and_goes_on(mailing: Mailing) -> None:
    for name in ("Ada", "Ben", "Cay", "Dan"):
        await mailing.person(name)
    campaign = await mailing.campaign()
    held = mailing.server.faults.hold("content", times=1)
    task = asyncio.ensure_future(mailing.run(CAMPAIGNS))
    await wait_until(lambda: mailing.server.commands["content"] == 1)
    await mailing.tools.mailroom.pause(campaign.id, WHO, mailing.time)
    held.set()
    assert (await task)[0].summary == "1 sent"
    assert len(mailing.server.messages) == 1 and await mailing.states() == {"sent": 1, "due": 3}
    assert (await mailing.run(CAMPAIGNS))[0].summary == "nothing to do"
    await mailing.tools.mailroom.resume(campaign.id, WHO, mailing.time)
    assert (await mailing.run(CAMPAIGNS))[0].summary == "3 sent"
    assert set(mailing.arrived.values()) == {1}


async def test_a_campaign_that_is_stopped_in_the_middle_is_sent_no_further(mailing: Mailing) -> None:
    for name in ("Ada", "Ben", "Cay"):
        await mailing.person(name)
    campaign = await mailing.campaign()
    held = mailing.server.faults.hold("content", times=1)
    task = asyncio.ensure_future(mailing.run(CAMPAIGNS))
    await wait_until(lambda: mailing.server.commands["content"] == 1)
    await mailing.tools.mailroom.stop(campaign.id, WHO, mailing.time)
    held.set()
    await task
    assert await mailing.states() == {"sent": 1, "dropped": 2} and len(mailing.server.messages) == 1


async def test_a_scheduled_campaign_begins_when_its_time_has_come(mailing: Mailing) -> None:
    await mailing.person("Ada")
    draft = await mailing.draft()
    await mailing.tools.mailroom.launch(draft.id, WHO, mailing.time, mailing.time + timedelta(hours=2))
    assert (await mailing.run(CAMPAIGNS))[0].summary == "nothing to do"
    mailing.time += timedelta(hours=3)
    result, run = await mailing.run(CAMPAIGNS, dry_run=True)
    assert result.summary == "1 message would be sent, to Ada" and [change.target for change in run.changes] == ["Ada"]
    assert not mailing.server.messages
    assert (await mailing.run(CAMPAIGNS))[0].summary == "1 sent"


async def test_campaigns_wait_while_nobody_could_unsubscribe(mailing: Mailing) -> None:
    await mailing.person("Ada")
    await mailing.campaign()
    await mailing.set_up(public_url="")
    result, run = await mailing.run(CAMPAIGNS)
    assert result.summary == "nothing to do" and "link to unsubscribe" in run.said
    await mailing.set_up()
    assert (await mailing.run(CAMPAIGNS))[0].summary == "1 sent"


async def test_a_trial_goes_to_who_wants_to_see_it(mailing: Mailing) -> None:
    ada = await mailing.person("Ada")
    draft = await mailing.draft()
    trial = Trial(address="me@example.org", campaign_id=draft.id, person_id=ada)
    await mailing.tools.mailroom.plan_trial(trial, WHO, mailing.time)
    template = (await mailing.tools.mailroom.templates())[0]
    await mailing.tools.mailroom.plan_trial(Trial(address="me@example.org", template_id=template.id), WHO, mailing.time)
    result, _ = await mailing.run(CAMPAIGNS)
    assert result.summary == "2 sent" and mailing.arrived == {"me@example.org": 2}
    trials = {received.message["Subject"]: received.message for received in mailing.server.messages}
    message = trials["News for Ada"]
    assert message["List-Unsubscribe"] is None
    body = message.get_body(("plain",))
    assert body is not None
    (token,) = [line.rpartition("/")[2] for line in body.get_content().splitlines() if "/unsubscribe/" in line]
    unsubscribes = person_of(token, mailing.tools.mailroom.unsubscribe_key)
    assert unsubscribes not in (None, ada), "a click in a trial unsubscribes nobody"


async def test_an_open_invitation_is_recalled(mailing: Mailing) -> None:
    await mailing.invite("Ada", days_ago=3)
    await mailing.person("Ben")
    result, run = await mailing.run(INVITATIONS)
    assert result.summary == "1 sent"
    assert [change.why for change in run.changes] == ["the invitation has been open for 3 days"]
    assert mailing.arrived == {"ada@example.net": 1}
    assert (await mailing.run(INVITATIONS))[0].summary == "nothing to do"
    assert (await mailing.run(NOTICES))[0].summary == "nothing to do"


async def test_an_account_that_gave_consent_sends_and_keeps_its_newest_token(
    mailing: Mailing, server: SmtpSimulator
) -> None:
    async with OAuthSimulator(now=lambda: mailing.time) as provider:
        provider.rotates = True
        application = provider.application
        server.opens_by_token = provider.accepts
        refresh_token = await consented(provider)
        client = OAuthClient(provider=application.provider, client_id=application.client_id)
        await mailing.set_up(server=server.set_up(login="oauth", username="house@example.org"), oauth=client)
        await mailing.tools.mailroom.set_secret("oauth_client_secret", Secret(provider.client_secret), WHO)
        await mailing.tools.mailroom.set_secret("oauth_refresh_token", refresh_token, WHO)
        await mailing.crowd(2)
        assert (await mailing.run(NOTICES))[0].summary == "2 sent"
        kept = await mailing.tools.mailroom.secret("oauth_refresh_token")
        assert kept is not None and kept != refresh_token
        provider.revoke("house@example.org")
        await mailing.person("Ada", days_left=7)
        failure, _ = await mailing.fail(NOTICES)
        assert failure.code == "mail_consent_gone" and not failure.retry and "consent again" in failure.message
        assert kept.reveal() not in failure.message
