"""NATS as compose.yaml has it: a user for each service, from the list that is made for its configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from services.cli.embedded import binaries
from services.cli.embedded.child import Child
from shared.messaging.permissions import users
from shared.messaging.user_list import password_variable, user_list
from tests.support.processes import CHECKOUT
from tests.support.servers import BreakableNats

COMMITTED = CHECKOUT / "deploy/nats/users.conf"


class LockedNats(BreakableNats):
    """The committed list of users, or the one that has workers of `own` categories too. Passwords are no secret."""

    def __init__(self, home: Path, own: Sequence[str] = (), **tls: str | bool) -> None:
        super().__init__(home)
        self._own = own
        self._tls = tls

    def url_of(self, user: str, scheme: str = "nats") -> str:
        """The address for this user."""
        return f"{scheme}://{user}:{_password(user)}@127.0.0.1:{self.port}"

    @property
    def _file(self) -> Path:
        return self.home / "etc" / "nats" / "nats-server.conf"

    async def _prepare(self, lock: int) -> None:
        await super()._prepare(lock)
        secrets = self.home / "run" / "secrets"
        for folder in (self._file.parent, secrets):
            folder.mkdir(parents=True, exist_ok=True)
        everybody = users(self._own)
        listed = user_list(everybody) if self._own else COMMITTED.read_text()
        self._file.with_name("users.conf").write_text(listed)
        lines = [f'{password_variable(user.name)}: "{_password(user.name)}"\n' for user in everybody]
        (secrets / "nats_passwords").write_text("".join(lines))
        settings = self._settings() | ({"tls": self._tls} if self._tls else {})
        del settings["authorization"]
        given = [f"{name}: {json.dumps(value)}\n" for name, value in settings.items()]
        self._file.write_text("".join(given) + 'authorization { include "users.conf" }\n')

    def _launch(self, lock: int) -> Child:
        return self._spawn([str(binaries.nats_server()), "--config", str(self._file)], keep=[lock])


def _password(user: str) -> str:
    return f"password-of-{user}"
