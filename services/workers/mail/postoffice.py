"""The way from the settings to a postman; runs that send at the same time share one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from shared.directory.mailroom import Mailroom
from shared.mail.terms import MailPolicy, OAuthClient
from shared.outside.http import new_session
from shared.outside.mail.consent import Application
from shared.outside.mail.keys import Key, Password
from shared.outside.mail.oauth import TokenEndpoint
from shared.outside.mail.setup import MailServer
from shared.outside.mail.tokens import AccessTokens
from shared.runtime.metrics import Meter
from shared.runtime.secrets import Secret

from ..clients.calls import Calls
from ..clients.postman import Postman
from ..clients.postman_rules import Pace

WHO = "mail worker"
NONE = Secret("")


class PostOffice:
    """Of one worker. Together, its runs keep the pace that is set."""

    def __init__(self, mailroom: Mailroom, meter: Meter, now: Callable[[], datetime]) -> None:
        self._mailroom = mailroom
        self._meter = meter
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._open: _Counter | None = None

    @asynccontextmanager
    async def postman(self, policy: MailPolicy, server: MailServer) -> AsyncIterator[Postman]:
        """Who sends by the server of these settings, as long as the block lasts."""
        counter = await self._counter(policy, server)
        try:
            yield counter.postman
        finally:
            counter.users -= 1
            if not counter.users:
                if self._open is counter:
                    self._open = None
                await counter.resources.aclose()

    async def _counter(self, policy: MailPolicy, server: MailServer) -> _Counter:
        async with self._one_at_a_time:
            if self._open is None or self._open.policy != policy:
                self._open = await self._opened(policy, server)
            self._open.users += 1
            return self._open

    async def _opened(self, policy: MailPolicy, server: MailServer) -> _Counter:
        async with AsyncExitStack() as resources:
            key = await self._key(policy, server, resources)
            pace = Pace(a_minute=policy.per_minute, a_day=policy.per_day)
            calls = Calls(self._meter, "smtp", server.host)
            postman = await resources.enter_async_context(Postman(server, key, pace=pace, calls=calls, now=self._now))
            return _Counter(policy, postman, resources.pop_all())

    async def _key(self, policy: MailPolicy, server: MailServer, resources: AsyncExitStack) -> Key | None:
        match server.login:
            case "none":
                return None
            case "password":
                return Password(await self._mailroom.secret("smtp_password") or NONE)
            case "oauth":
                return None if policy.oauth is None else await self._tokens(policy.oauth, resources)

    async def _tokens(self, client: OAuthClient, resources: AsyncExitStack) -> AccessTokens:
        session = await resources.enter_async_context(new_session())
        # Where a consent comes back to matters only while it is being given.
        application = Application(provider=client.endpoints, client_id=client.client_id, redirect_uri="")
        client_secret = await self._mailroom.secret("oauth_client_secret") or NONE
        refresh_token = await self._mailroom.secret("oauth_refresh_token") or NONE
        endpoint = TokenEndpoint(session, application, client_secret, now=self._now)
        return AccessTokens(endpoint, refresh_token, keep=self._keep, now=self._now)

    async def _keep(self, refresh_token: Secret) -> None:
        await self._mailroom.set_secret("oauth_refresh_token", refresh_token, WHO)


class _Counter:
    """A postman, how many runs send by them, and what is closed after the last."""

    def __init__(self, policy: MailPolicy, postman: Postman, resources: AsyncExitStack) -> None:
        self.policy = policy
        self.postman = postman
        self.resources = resources
        self.users = 0
