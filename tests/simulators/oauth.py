"""An authorization server like Google's or Microsoft's: consent, codes with PKCE, tokens that end or rotate."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from shared.outside.mail.consent import Application
from shared.outside.mail.providers import Provider
from tests.simulators.base import Call, Refusal, Route, Simulator

SCOPE = "https://mail.example/send"
CODE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class _Code:
    username: str
    redirect_uri: str
    challenge: str
    scope: str
    ends: datetime


@dataclass(kw_only=True)
class _Account:
    """Somebody's consent to our application."""

    refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: dict[str, datetime] = field(default_factory=dict)
    scope: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


class OAuthSimulator(Simulator):
    """Knows one application. Whoever comes to its page consents, unless `denies`.

    `rotates`: each refresh gives another refresh token and ends the former. `grants` is the scope that people agree
    to. An access token lives for `life`, by the clock `now`.
    """

    def __init__(self, *, now: Callable[[], datetime] = _now, life: timedelta = timedelta(hours=1)) -> None:
        super().__init__()
        self.client_id, self.client_secret = "showrunner", "client-secret"
        self.redirect_uri = "https://showrunner.example/mail/consent"
        self.rotates = False
        self.denies = False
        self.grants = SCOPE
        self.life = life
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._accounts: dict[str, _Account] = {}

    @property
    def application(self) -> Application:
        """How our application is registered here."""
        provider = Provider(
            name="Example Mail",
            authorize_url=f"{self.url}/authorize",
            token_url=f"{self.url}/token",
            scope=SCOPE,
            more_scopes=("offline_access",),
        )
        return Application(provider=provider, client_id=self.client_id, redirect_uri=self.redirect_uri)

    def accepts(self, username: str, token: str) -> bool:
        """Whether the token opens this account now; for a mail server."""
        account = self._accounts.get(username)
        return account is not None and account.access_tokens.get(token, self._now()) > self._now()

    def revoke(self, username: str) -> None:
        """The account's owner takes the consent back."""
        self._accounts.pop(username)
        self.journal.note("consent.revoked", username)

    def end_access(self, username: str) -> None:
        """End all access tokens of an account before their time."""
        self._accounts[username].access_tokens.clear()

    def routes(self) -> Iterable[Route]:
        """The page where people consent, and the token endpoint."""
        return [("GET", "/authorize", self._authorize), ("POST", "/token", self._token)]

    async def _authorize(self, call: Call) -> web.StreamResponse:
        # A wrong application or way back is told to the person, never sent there (RFC 6749, section 4.1.2.1).
        if call.query("client_id") != self.client_id or call.query("redirect_uri") != self.redirect_uri:
            return web.Response(status=400, text="redirect_uri_mismatch")
        state = call.query("state") or ""
        if self.denies:
            return self._back(error="access_denied", state=state)
        scopes = (call.query("scope") or "").split()
        asked_well = (
            call.query("response_type") == "code"
            and call.query("code_challenge_method") == "S256"
            and call.query("code_challenge")
            and {SCOPE, "offline_access"} <= set(scopes)
        )
        if not asked_well:
            return self._back(error="invalid_request", state=state)
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Code(
            username=call.query("login_hint") or "house@example.org",
            redirect_uri=self.redirect_uri,
            challenge=call.query("code_challenge") or "",
            scope=self.grants,
            ends=self._now() + CODE_LIFE,
        )
        return self._back(code=code, state=state)

    def _back(self, **query: str) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{self.redirect_uri}?{urlencode(query)}"})

    async def _token(self, call: Call) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await call.request.post()).items()}
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            raise _refusal(401, "invalid_client")
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem(form)
            case "refresh_token":
                return self._refresh(form.get("refresh_token", ""))
            case _:
                raise _refusal(400, "unsupported_grant_type")

    def _redeem(self, form: dict[str, str]) -> web.StreamResponse:
        # A code is good for one try, right or wrong.
        code = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if code is None or code.ends <= self._now() or code.redirect_uri != form.get("redirect_uri"):
            raise _refusal(400, "invalid_grant")
        if code.challenge != proof:
            raise _refusal(400, "invalid_grant")
        account = self._accounts.setdefault(code.username, _Account())
        account.scope = code.scope
        self.journal.note("consent.given", code.username)
        return self._granted(account, new_refresh_token=True)

    def _refresh(self, refresh_token: str) -> web.StreamResponse:
        account = next((a for a in self._accounts.values() if refresh_token in a.refresh_tokens), None)
        if account is None:
            raise _refusal(400, "invalid_grant")
        if self.rotates:
            account.refresh_tokens.discard(refresh_token)
        self.journal.note("token.refreshed", "")
        return self._granted(account, new_refresh_token=self.rotates)

    def _granted(self, account: _Account, *, new_refresh_token: bool) -> web.StreamResponse:
        access_token = secrets.token_urlsafe(1200)  # Microsoft's are that long
        account.access_tokens[access_token] = self._now() + self.life
        answer: dict[str, object] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(self.life.total_seconds()),
            "scope": account.scope,
        }
        if new_refresh_token:
            answer["refresh_token"] = secrets.token_urlsafe(32)
            account.refresh_tokens.add(str(answer["refresh_token"]))
        return web.json_response(answer, headers={"Cache-Control": "no-store"})


def _refusal(status: int, error: str) -> Refusal:
    refusal = Refusal(status)
    refusal.response = web.json_response({"error": error}, status=status)
    return refusal
