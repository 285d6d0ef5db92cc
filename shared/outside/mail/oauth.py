"""The token endpoint of an authorization server (RFC 6749, sections 4.1.3 and 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import aiohttp
import msgspec
from msgspec import Struct

from shared.outside.http import unreached
from shared.outside.statuses import BUSY
from shared.runtime.clock import utc_now
from shared.runtime.secrets import Secret

from .consent import Application, Consent
from .errors import ConsentGone, MailError

LONGEST_ANSWER = 2**20  # bytes
PATIENCE = 20.0  # seconds
USUAL_LIFE = 3600  # seconds, where the answer does not tell


class Grant(Struct, frozen=True, kw_only=True):
    """What a consent is worth now. `refresh_token` is None when the one we have stays good."""

    access_token: Secret
    expires_at: datetime
    refresh_token: Secret | None


class _Tokens(Struct):
    access_token: str
    expires_in: int = USUAL_LIFE
    refresh_token: str = ""
    scope: str = ""


class _Trouble(Struct):
    error: str = ""


class TokenEndpoint:
    """Where codes and refresh tokens are exchanged for access tokens."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        application: Application,
        client_secret: Secret,
        *,
        now: Callable[[], datetime] = utc_now,
        timeout_s: float = PATIENCE,
    ) -> None:
        self._session = session
        self._application = application
        self._client_secret = client_secret
        self._now = now
        self._timeout_s = timeout_s

    async def exchange(self, code: Secret, consent: Consent) -> Grant:
        """The first grant of a consent, with a refresh token. ConsentGone: the code is used or too old. MailError."""
        grant = await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code.reveal(),
                "redirect_uri": self._application.redirect_uri,
                "code_verifier": consent.verifier.reveal(),
            }
        )
        if grant.refresh_token is None:
            raise self._error(
                "gave no refresh token: take away Showrunner's access in the account's settings, then consent again"
            )
        return grant

    async def refresh(self, refresh_token: Secret) -> Grant:
        """The next grant, maybe with another refresh token. ConsentGone: somebody has to consent again. MailError."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()})

    async def _ask(self, form: Mapping[str, str]) -> Grant:
        who = {"client_id": self._application.client_id}
        if self._client_secret:
            who["client_secret"] = self._client_secret.reveal()
        asked_at = self._now()
        status, body = await self._post({**form, **who})
        if status != 200:
            raise self._refusal(status, body)
        try:
            tokens = msgspec.json.decode(body, type=_Tokens)
        except msgspec.DecodeError:
            raise self._error("answered with something that holds no token", transient=True) from None
        if tokens.scope and self._application.provider.scope not in tokens.scope.split():
            raise self._error("was not allowed to let us send: consent again, and leave that box ticked")
        return Grant(
            access_token=Secret(tokens.access_token),
            expires_at=asked_at + timedelta(seconds=tokens.expires_in),
            refresh_token=Secret(tokens.refresh_token) if tokens.refresh_token else None,
        )

    async def _post(self, form: Mapping[str, str]) -> tuple[int, bytes]:
        provider = self._application.provider
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._session.post(provider.token_url, data=form, allow_redirects=False) as response,
            ):
                return response.status, await self._body(response)
        except TimeoutError:
            raise self._error(f"did not answer within {self._timeout_s:g} s", transient=True) from None
        except (aiohttp.ClientError, OSError) as error:
            told = unreached(provider.name, error)
            raise MailError(told.message, step="login", transient=told.transient) from None

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise self._error("answers without end")
        return bytes(body)

    def _refusal(self, status: int, body: bytes) -> MailError:
        try:
            error = msgspec.json.decode(body, type=_Trouble).error
        except msgspec.DecodeError:
            error = ""
        match error:
            case "invalid_grant":
                name = self._application.provider.name
                return ConsentGone(f"{name} no longer lets us send mail for this account: consent again")
            case "invalid_client" | "unauthorized_client":
                return self._error(f"does not know this application ({error}): correct its client id and secret")
            case _:
                busy = status in BUSY or error == "temporarily_unavailable"
                return self._error(f"gave no token ({error or f'status {status}'})"[:200], transient=busy)

    def _error(self, what: str, *, transient: bool = False) -> MailError:
        return MailError(f"{self._application.provider.name} {what}", step="login", transient=transient)
