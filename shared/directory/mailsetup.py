"""How mail is set up: the mail server, what opens it, and whom mail comes from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Self
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from shared.mail.terms import MailPolicy, SecretName
from shared.mail.unsubscribing import PURPOSE
from shared.runtime.secrets import Secret, Vault

from . import sealed, settings
from .connections import Lone
from .servers import Connection

MAIL = "mail"


class MailSetUp:
    """`pool` comes from `open_pool(url, schema=SCHEMA)`; `vault` seals secrets; `zone` is that of the settings."""

    def __init__(self, pool: asyncpg.Pool | Lone, vault: Vault, zone: ZoneInfo) -> None:
        self._pool = pool
        self._vault = vault
        self._zone = zone

    @asynccontextmanager
    async def at_hand(self) -> AsyncIterator[Self]:
        """The same over one connection of its own, for whoever asks much of it, one thing after another."""
        async with self._pool.acquire() as connection:
            yield type(self)(Lone(connection), self._vault, self._zone)

    async def policy(self) -> MailPolicy:
        """What is set about mail; the defaults until somebody sets it."""
        async with self._pool.acquire() as connection:
            return await policy_in(connection)

    async def set_policy(self, policy: MailPolicy, by: str) -> MailPolicy:
        """Set it, and tell what was set before."""
        async with self._deciding() as connection:
            return _policy(await settings.put(connection, MAIL, msgspec.to_builtins(policy), by))

    async def secret(self, name: SecretName) -> Secret | None:
        """A secret; None if there is none. WrongKey: it was sealed with another key."""
        async with self._pool.acquire() as connection:
            found = await sealed.get(connection, name)
        return None if found is None else self._vault.unseal(found, _place(name))

    async def secrets(self) -> set[str]:
        """The names of the secrets that are kept."""
        async with self._pool.acquire() as connection:
            return await sealed.names(connection)

    async def set_secret(self, name: SecretName, secret: Secret | None, by: str) -> None:
        """Keep a secret in place of the former; None: keep it no more."""
        async with self._pool.acquire() as connection:
            if secret is None:
                await sealed.remove(connection, name)
            else:
                await sealed.put(connection, name, self._vault.seal(secret, _place(name)), by)

    async def lacking(self) -> str:
        """What has to be set up before mail can be sent, in words for a person; "" if nothing."""
        return lacking(await self.policy(), await self.secrets())

    @property
    def unsubscribe_keys(self) -> tuple[bytes, ...]:
        """By which links to unsubscribe are known: those of former keys as well."""
        return self._vault.derivations(PURPOSE)

    @property
    def unsubscribe_key(self) -> bytes:
        """The key of links to unsubscribe; see `shared.mail.unsubscribing`."""
        return self._vault.derived(PURPOSE)

    @asynccontextmanager
    async def _deciding(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


async def policy_in(connection: Connection) -> MailPolicy:
    """What is set about mail, as a transaction sees it."""
    return _policy(await settings.get(connection, MAIL))


def lacking(policy: MailPolicy, secrets: Collection[str]) -> str:
    """What has to be set up before mail can be sent, in words for a person; "" if nothing."""
    if policy.server is None:
        return "No mail server is set up: enter one in the mail settings"
    if policy.server.login == "password" and "smtp_password" not in secrets:
        return "The mail server's password is missing: enter it in the mail settings"
    if policy.server.login == "oauth" and policy.oauth is None:
        return "The mail server's provider is not set up: enter it in the mail settings"
    if policy.server.login == "oauth" and "oauth_refresh_token" not in secrets:
        return "The mail account's owner has not given consent yet: do that in the mail settings"
    return ""


def _policy(value: object) -> MailPolicy:
    return MailPolicy() if value is None else msgspec.convert(value, MailPolicy)


def _place(name: str) -> str:
    return f"secret/{name}"
