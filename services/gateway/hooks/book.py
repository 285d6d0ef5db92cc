"""The hooks, with their secrets: those of signatures are sealed, of tokens only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from shared.runtime.secrets import Secret, Vault

from ..auth.callers import key_of
from ..store import hooks_in, hooks_out
from ..store.database import Database
from ..store.hooks_in import HookInBody
from ..store.hooks_out import HookOutBody
from .terms import HookIn, HookOut, Proof

# Tells people, and programs that look for leaked secrets, what this is.
PREFIX = "srh_"


class Hooks:
    """Makes hooks and keeps what they prove themselves with. A new secret is given once, by what makes it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def add_in(self, name: str, proof: Proof, body: HookInBody) -> tuple[HookIn, Secret] | None:
        """A new hook in, and its secret; None if the name is taken."""
        secret = _new_secret()
        made = await hooks_in.add(self._database, name, proof, body, self._kept(name, proof, secret))
        return None if made is None else (made, secret)

    async def renew_in(self, hook: HookIn) -> Secret:
        """Another secret for a hook in; the former is good no more."""
        secret = _new_secret()
        await hooks_in.set_secret(self._database, hook.name, self._kept(hook.name, hook.proof, secret))
        return secret

    async def find_in(self, name: str) -> tuple[HookIn, bytes] | None:
        """A hook in, and what its caller has to show: the SHA-256 of a token, or the key of signatures.

        WrongKey: the secret was sealed with another key.
        """
        found = await hooks_in.find(self._database, name)
        if found is None or found[0].proof == "token":
            return found
        hook, sealed = found
        return hook, self._vault.unseal(sealed, _place_in(name)).reveal().encode()

    async def add_out(self, name: str, body: HookOutBody) -> tuple[HookOut, Secret] | None:
        """A new hook out, and its secret; None if the name is taken."""
        id, secret = uuid4(), _new_secret()
        made = await hooks_out.add(self._database, id, name, body, self._vault.seal(secret, _place_out(id)))
        return None if made is None else (made, secret)

    async def renew_out(self, hook: HookOut) -> Secret:
        """Another secret for a hook out, with which it is told from now on."""
        secret = _new_secret()
        await hooks_out.set_secret(self._database, hook.id, self._vault.seal(secret, _place_out(hook.id)))
        return secret

    async def target(self, id: UUID) -> tuple[HookOut, bytes] | None:
        """A hook out, and the key of its signatures; None if it is no more. WrongKey: see `find_in`."""
        found = await hooks_out.target(self._database, id)
        if found is None:
            return None
        hook, sealed = found
        return hook, self._vault.unseal(sealed, _place_out(id)).reveal().encode()

    def _kept(self, name: str, proof: Proof, secret: Secret) -> bytes:
        return key_of(secret.reveal()) if proof == "token" else self._vault.seal(secret, _place_in(name))


def _new_secret() -> Secret:
    return Secret(PREFIX + secrets.token_urlsafe(32))


def _place_in(name: str) -> str:
    return f"hook_in/{name}/secret"


def _place_out(id: UUID) -> str:
    return f"hook_out/{id}/secret"
