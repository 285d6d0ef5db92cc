"""Calls about how mail is set up. Password and client secret are taken, kept sealed, and never shown."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from shared.mail.terms import MailPolicy, SecretName
from shared.runtime.secrets import Secret

from ..store.database import outages_named
from .route import Call, Nothing

SecretText = Annotated[str, Meta(max_length=2000)]


class MailSetup(Struct, frozen=True, kw_only=True):
    """`lacking`: what has to be set up before mail can be sent, in words; empty if nothing.

    `consent_given`: the mail account's owner has allowed us to send, as far as we know.
    """

    policy: MailPolicy
    lacking: str
    password_set: bool
    client_secret_set: bool
    consent_given: bool


class MailSetupBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of the policy is replaced. A secret that is left out stays as it is; an empty one is kept no more.

    Another application or user name needs another consent, so the one that is there is forgotten.
    """

    policy: MailPolicy
    smtp_password: SecretText | None = None
    oauth_client_secret: SecretText | None = None

    def __repr__(self) -> str:
        return f"MailSetupBody(policy={self.policy!r})"


async def show_mail_setup(call: Call, _: Nothing) -> MailSetup:
    """How mail is set up."""
    return await _setup(call)


async def change_mail_setup(call: Call, body: MailSetupBody) -> MailSetup:
    """Set up mail."""
    room = call.gateway.mailroom
    with outages_named():
        # What is forgotten goes first: half of this, done, must not show a consent to whom it was not given for.
        if not _same_account(await room.policy(), body.policy):
            await room.set_secret("oauth_refresh_token", None, call.by)
        await _keep(call, "smtp_password", body.smtp_password)
        await _keep(call, "oauth_client_secret", body.oauth_client_secret)
        former = await room.set_policy(body.policy, call.by)
    given = {"smtp_password": body.smtp_password, "oauth_client_secret": body.oauth_client_secret}
    changed = sorted(name for name, secret in given.items() if secret is not None)
    await call.record("mail.setup", "mail", {"policy": former}, {"policy": body.policy, "secrets_changed": changed})
    return await _setup(call)


async def forget_consent(call: Call, _: Nothing) -> MailSetup:
    """Forget the consent of the mail account's owner."""
    with outages_named():
        await call.gateway.mailroom.set_secret("oauth_refresh_token", None, call.by)
    await call.record("mail.consent_forgotten", "mail")
    return await _setup(call)


async def _setup(call: Call) -> MailSetup:
    room = call.gateway.mailroom
    with outages_named():
        kept = await room.secrets()
        return MailSetup(
            policy=await room.policy(),
            lacking=await room.lacking(),
            password_set="smtp_password" in kept,
            client_secret_set="oauth_client_secret" in kept,
            consent_given="oauth_refresh_token" in kept,
        )


async def _keep(call: Call, name: SecretName, secret: str | None) -> None:
    if secret is not None:
        await call.gateway.mailroom.set_secret(name, Secret(secret) if secret else None, call.by)


def _same_account(one: MailPolicy, other: MailPolicy) -> bool:
    return one.oauth == other.oauth and _username(one) == _username(other)


def _username(policy: MailPolicy) -> str:
    return policy.server.username if policy.server else ""
