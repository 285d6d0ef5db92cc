"""The hooks, with their secrets: those of signatures are sealed, of tokens only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from shared.runtime.secrets import Secret, Vault

from ..auth.callers import key_of
from ..store.database import Database
from ..store.hooks_in import HOOKS_IN, HookInBody
from ..store.hooks_out import HOOKS_OUT, HookOutBody
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
        kept = self._kept(name, proof, secret)
        made = await HOOKS_IN.add(self._database, body, name=name, proof=proof, secret=kept)
        return None if made is None else (made, secret)

    async def renew_in(self, hook: HookIn) -> Secret:
        """Another secret for a hook in; the former is good no more."""
        secret = _new_secret()
        await HOOKS_IN.set_secret(self._database, hook.name, self._kept(hook.name, hook.proof, secret))
        return secret

    async def find_in(self, name: str) -> tuple[HookIn, bytes] | None:
        """A hook in, and what its caller has to show: the SHA-256 of a token, or the key of signatures.

        WrongKey: the secret was sealed with another key.
        """
        found = await HOOKS_IN.find(self._database, name)
        if found is None or found[0].proof == "token":
            return found
        hook, sealed = found
        return hook, self._vault.unseal(sealed, _place_in(name)).reveal().encode()

    async def add_out(self, name: str, body: HookOutBody) -> tuple[HookOut, Secret] | None:
        """A new hook out, and its secret; None if the name is taken."""
        id, secret = uuid4(), _new_secret()
        sealed = self._vault.seal(secret, _place_out(id))
        made = await HOOKS_OUT.add(self._database, body, id=id, name=name, secret=sealed)
        return None if made is None else (made, secret)

    async def renew_out(self, hook: HookOut) -> Secret:
        """Another secret for a hook out, with which it is told from now on."""
        secret = _new_secret()
        await HOOKS_OUT.set_secret(self._database, hook.name, self._vault.seal(secret, _place_out(hook.id)))
        return secret

    async def target(self, id: UUID) -> tuple[HookOut, bytes] | None:
        """A hook out, and the key of its signatures; None if it is no more. WrongKey: see `find_in`."""
        found = await HOOKS_OUT.find(self._database, id, column="id")
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
