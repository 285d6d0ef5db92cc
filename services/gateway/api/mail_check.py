"""The call that looks at a mail server, step by step."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shared.mail.terms import MailPolicy
from shared.outside.mail.addresses import mailbox
from shared.outside.mail.check import MailCheck, check_mail
from shared.outside.mail.consent import Application
from shared.outside.mail.conversation import Patience
from shared.outside.mail.errors import STEPS, MailError, Step
from shared.outside.mail.keys import Key, Password
from shared.outside.mail.oauth import TokenEndpoint
from shared.outside.mail.setup import MailServer
from shared.outside.mail.tokens import AccessTokens
from shared.runtime.secrets import Secret

from ..store.database import outages_named
from .mail_setup import SecretText
from .problems import Problem
from .route import Call

Outcome = Literal["passed", "failed", "not_tried", "not_needed"]

# Somebody waits for the outcome.
PATIENCE = Patience(connection=10.0, answer=20.0)


class MailCheckBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which mail server to look at: without `server` and `smtp_password` those that are kept.

    `recipient` is named to the server too, if there is one; no message is sent.
    """

    server: MailServer | None = None
    smtp_password: SecretText | None = None
    recipient: str = ""

    def __post_init__(self) -> None:
        if self.recipient:
            mailbox(self.recipient)

    def __repr__(self) -> str:
        return f"MailCheckBody(server={self.server!r})"


class MailCheckStep(Struct, frozen=True, kw_only=True):
    """One step. Of a failed one: a stable `code`, what is wrong and how to mend it, and the server's own `answer`."""

    step: Step
    outcome: Outcome
    code: str = ""
    message: str = ""
    answer: str = ""


class MailCheckReport(Struct, frozen=True, kw_only=True):
    """All steps in their order. Of a server that is `well`: how it is encrypted, how we logged in, how long it took.

    `may_pass`: the same may go well at another time.
    """

    well: bool
    steps: tuple[MailCheckStep, ...]
    may_pass: bool = False
    tls: str = ""
    method: str = ""
    takes_utf8: bool = False
    latency_ms: float | None = None


async def check_mail_setup(call: Call, body: MailCheckBody) -> MailCheckReport:
    """Go through every step of sending but the message."""
    with outages_named():
        policy = await call.gateway.mailroom.policy()
        server = body.server or policy.server
        if server is None:
            raise Problem("mail_not_set_up", "There is no mail server to look at: enter one first.")
        key = await _key(call, server, policy, body.smtp_password)
    try:
        found = await check_mail(server, key, recipient=body.recipient, patience=PATIENCE)
    except MailError as error:
        report = _failed(server, body.recipient, error)
    else:
        report = _well(server, body.recipient, found)
    failed = next((step.code for step in report.steps if step.outcome == "failed"), "")
    await call.record("mail.check", server.host, None, {"well": report.well, "failed": failed})
    return report


async def _key(call: Call, server: MailServer, policy: MailPolicy, password: str | None) -> Key | None:
    room = call.gateway.mailroom
    if server.login == "password":
        given = await room.secret("smtp_password") if password is None else Secret(password)
        return Password(given) if given else None
    refresh_token = await room.secret("oauth_refresh_token") if server.login == "oauth" else None
    if policy.oauth is None or refresh_token is None:
        return None
    # To where somebody is sent for consent plays no part in what follows it.
    application = Application(provider=policy.oauth.endpoints, client_id=policy.oauth.client_id, redirect_uri="")
    client_secret = await room.secret("oauth_client_secret") or Secret("")

    async def keep(token: Secret) -> None:
        with outages_named():
            await room.set_secret("oauth_refresh_token", token, call.by)

    return AccessTokens(TokenEndpoint(call.gateway.outside, application, client_secret), refresh_token, keep=keep)


def _well(server: MailServer, recipient: str, found: MailCheck) -> MailCheckReport:
    return MailCheckReport(
        well=True,
        steps=tuple(_step(step, server, recipient) for step in STEPS),
        tls=found.tls,
        method=found.method,
        takes_utf8=found.takes_utf8,
        latency_ms=found.latency_ms,
    )


def _failed(server: MailServer, recipient: str, error: MailError) -> MailCheckReport:
    at = STEPS.index(error.step)
    failed = MailCheckStep(
        step=error.step,
        outcome="failed",
        code=error.code,
        message=error.message,
        answer=str(error.answer or ""),
    )
    passed = (_step(step, server, recipient) for step in STEPS[:at])
    left = (MailCheckStep(step=step, outcome="not_tried") for step in STEPS[at + 1 :])
    return MailCheckReport(well=False, steps=(*passed, failed, *left), may_pass=error.transient)


def _step(step: Step, server: MailServer, recipient: str) -> MailCheckStep:
    unneeded = {"tls": server.security == "plain", "login": server.login == "none", "recipient": not recipient}
    return MailCheckStep(step=step, outcome="not_needed" if unneeded.get(step) else "passed")
