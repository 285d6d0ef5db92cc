"""An access token that is always good: renewed before it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from .oauth import Grant, TokenEndpoint

EARLY = timedelta(minutes=2)

Keep = Callable[[Secret], Awaitable[None]]
"""Keeps a new refresh token, durably, in place of the former."""


class AccessTokens:
    """The key of an account that gave consent; `refresh_token` is the newest that was kept."""

    def __init__(
        self, endpoint: TokenEndpoint, refresh_token: Secret, *, keep: Keep, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._endpoint = endpoint
        self._refresh_token = refresh_token
        self._keep = keep
        self._now = now
        self._grant: Grant | None = None
        self._to_keep: Secret | None = None
        self._one_at_a_time = asyncio.Lock()

    async def give(self) -> Secret:
        """An access token with at least two minutes to live. ConsentGone: consent again. MailError.

        A refresh token that the provider gave in place of the last one is kept before anything is done with its grant.
        """
        async with self._one_at_a_time:
            grant = self._grant
            if grant is None or grant.expires_at - self._now() <= EARLY:
                grant = self._grant = await self._endpoint.refresh(self._refresh_token)
                if grant.refresh_token is not None:
                    self._refresh_token = self._to_keep = grant.refresh_token
            if self._to_keep is not None:
                await self._keep(self._to_keep)
                self._to_keep = None
            return grant.access_token

    def renew(self) -> bool:
        """The mail server refused the token: forget it, the next one may be better."""
        self._grant = None
        return True
