"""Sending for an account that gave consent: the whole flow against an authorization server and a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec
import pytest

from services.workers.clients.letters import Letter
from services.workers.clients.postman import Postman
from services.workers.clients.postman_rules import Delivered
from shared.outside.http import new_session
from shared.outside.mail.consent import Consent, code_from, consent_url, new_consent
from shared.outside.mail.errors import ConsentGone, LoginRefused, MailError
from shared.outside.mail.oauth import Grant, TokenEndpoint
from shared.outside.mail.tokens import AccessTokens
from shared.runtime.secrets import Secret
from tests.simulators.oauth import OAuthSimulator
from tests.simulators.smtp import SmtpSimulator
from tests.simulators.smtp_certificates import Authority

HOUSE = "house@example.org"
LETTER = Letter(to="anna@example.net", subject="Hello", text="Hello", message_id="<key-1@example.org>")


class Account:
    """Our side of one account: an application, a clock that can be set, and the refresh tokens that were kept."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.time = datetime(2026, 3, 1, tzinfo=UTC)
        self.provider = OAuthSimulator(now=self.now)
        self.kept: list[Secret] = []
        self.session = session

    def now(self) -> datetime:
        return self.time

    @property
    def endpoint(self) -> TokenEndpoint:
        secret = Secret(self.provider.client_secret)
        return TokenEndpoint(self.session, self.provider.application, secret, now=self.now)

    async def ask(self, consent: Consent) -> dict[str, str]:
        """Go to the page where people consent, as a browser does; what comes back in the address."""
        url = consent_url(self.provider.application, consent, username=HOUSE)
        async with self.session.get(url, allow_redirects=False) as response:
            assert response.status == 302
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    async def consented(self) -> Grant:
        consent = new_consent()
        code = code_from(self.provider.application, consent, await self.ask(consent))
        return await self.endpoint.exchange(code, consent)

    async def tokens(self) -> AccessTokens:
        async def keep(token: Secret) -> None:
            self.kept.append(token)

        refresh_token = (await self.consented()).refresh_token
        assert refresh_token is not None
        return AccessTokens(self.endpoint, refresh_token, keep=keep, now=self.now)


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with new_session() as session:
        account = Account(session)
        async with account.provider:
            yield account


@asynccontextmanager
async def postman(account: Account, folder: Path) -> AsyncIterator[tuple[SmtpSimulator, Postman]]:
    """A mail server that takes this provider's tokens, and a postman for the account."""
    authority = Authority(folder)
    async with SmtpSimulator(
        "starttls", context=authority.server_context(), opens_by_token=account.provider.accepts, login_required=True
    ) as server:
        set_up = server.set_up(login="oauth", username=HOUSE)
        async with Postman(set_up, await account.tokens(), trust=authority.trust()) as ready:
            yield server, ready


async def test_from_consent_to_a_letter(account: Account, folder: Path) -> None:
    async with postman(account, folder) as (server, ready):
        assert isinstance(await ready.send(LETTER), Delivered)
        assert [taken.username for taken in server.messages] == [HOUSE]
    assert account.provider.journal.count("token.refreshed") == 1
    assert account.kept == []


async def test_a_token_is_renewed_two_minutes_before_it_ends(account: Account) -> None:
    tokens = await account.tokens()
    first = await tokens.give()
    account.time += timedelta(minutes=57, seconds=59)
    assert await tokens.give() == first
    account.time += timedelta(seconds=1)
    second = await tokens.give()
    assert second != first and account.provider.accepts(HOUSE, second.reveal())
    assert account.provider.journal.count("token.refreshed") == 2


async def test_a_refresh_token_that_rotates_is_kept(account: Account) -> None:
    account.provider.rotates = True
    tokens = await account.tokens()
    for _ in range(3):
        await tokens.give()
        account.time += timedelta(hours=2)
    assert len(set(account.kept)) == 3
    assert (await account.endpoint.refresh(account.kept[-1])).refresh_token is not None
    with pytest.raises(ConsentGone):
        await account.endpoint.refresh(account.kept[0])


async def test_a_refresh_token_that_could_not_be_kept_is_kept_next_time(account: Account) -> None:
    account.provider.rotates = True
    refresh_token = (await account.consented()).refresh_token
    assert refresh_token is not None
    kept: list[Secret] = []
    broken = [OSError("the database is away")]

    async def keep(token: Secret) -> None:
        if broken:
            raise broken.pop()
        kept.append(token)

    tokens = AccessTokens(account.endpoint, refresh_token, keep=keep, now=account.now)
    with pytest.raises(OSError, match="away"):
        await tokens.give()
    assert account.provider.accepts(HOUSE, (await tokens.give()).reveal())
    assert len(kept) == 1 and account.provider.journal.count("token.refreshed") == 1


async def test_a_token_that_ended_early_is_replaced_once(account: Account, folder: Path) -> None:
    async with postman(account, folder) as (server, ready):
        await ready.send(LETTER)
        account.provider.end_access(HOUSE)
        await server.go_down()
        await server.come_up()
        assert isinstance(await ready.send(LETTER), Delivered)
        assert account.provider.journal.count("token.refreshed") == 2
        await server.go_down()
        await server.come_up()
        server.faults.say("AUTH", "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox")
        with pytest.raises(LoginRefused, match="administrator has to allow authenticated SMTP"):
            await ready.send(LETTER)
    assert account.provider.journal.count("token.refreshed") == 3


async def test_a_consent_that_was_taken_back_asks_for_another(account: Account, folder: Path) -> None:
    async with postman(account, folder) as (server, ready):
        await ready.send(LETTER)
        account.provider.revoke(HOUSE)
        await server.go_down()
        await server.come_up()
        with pytest.raises(ConsentGone, match="consent again") as caught:
            await ready.send(LETTER)
        assert caught.value.step == "login" and not caught.value.transient
        assert caught.value.code == "mail_consent_gone"
    again = await account.consented()
    assert account.provider.accepts(HOUSE, again.access_token.reveal())


async def test_whoever_does_not_consent_is_told_so(account: Account) -> None:
    account.provider.denies = True
    consent = new_consent()
    with pytest.raises(MailError, match="Example Mail was not given consent"):
        code_from(account.provider.application, consent, await account.ask(consent))


async def test_a_code_is_of_no_use_to_anybody_else(account: Account) -> None:
    consent, other = new_consent(), new_consent()
    answer = await account.ask(consent)
    with pytest.raises(MailError, match="another attempt"):
        code_from(account.provider.application, other, answer)
    with pytest.raises(ConsentGone):
        await account.endpoint.exchange(Secret(answer["code"]), other)


async def test_a_code_is_good_once_and_not_for_long(account: Account) -> None:
    for wait in (timedelta(), timedelta(minutes=10)):
        consent = new_consent()
        code = code_from(account.provider.application, consent, await account.ask(consent))
        if not wait:
            await account.endpoint.exchange(code, consent)
        account.time += wait
        with pytest.raises(ConsentGone):
            await account.endpoint.exchange(code, consent)


async def test_a_consent_without_the_right_to_send_is_refused(account: Account) -> None:
    account.provider.grants = "openid"
    with pytest.raises(MailError, match="leave that box ticked"):
        await account.consented()


async def test_a_provider_that_has_trouble_is_no_lost_consent(account: Account) -> None:
    tokens = await account.tokens()
    account.provider.faults.answer("/token", 503, times=1)
    with pytest.raises(MailError, match="status 503") as caught:
        await tokens.give()
    assert caught.value.transient and not isinstance(caught.value, ConsentGone)
    account.provider.faults.answer("/token", 200, body="<html>", times=1)
    with pytest.raises(MailError, match="holds no token"):
        await tokens.give()
    await account.provider.go_down()
    with pytest.raises(MailError, match="can't be reached") as caught:
        await tokens.give()
    assert caught.value.transient
    await account.provider.come_up()
    assert await tokens.give()


async def test_an_application_that_the_provider_does_not_know(account: Account) -> None:
    stranger = msgspec.structs.replace(account.provider.application, client_id="stranger")
    endpoint = TokenEndpoint(account.session, stranger, Secret("x"), now=account.now)
    with pytest.raises(MailError, match="correct its client id and secret"):
        await endpoint.refresh(Secret("any"))
