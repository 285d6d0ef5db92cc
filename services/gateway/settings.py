"""What one gateway is told at its start, and what it tells then."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from shared.runtime.secrets import Secret, Vault


class GatewaySettings(Struct, frozen=True, kw_only=True):
    """Where the gateway finds Postgres and where it listens.

    Port 0 is any free one. An empty `admin_password` has one made at the first start. `vault` seals the media
    servers' tokens. `timezone` (an IANA name) is that of schedules which name none. After a start or an
    outage, no alert is decided on for `settle_s`. A scheduler that is silent for longer than `lease_s` leads no more.
    `backups` is the folder of backups.
    """

    database_url: Secret
    vault: Vault
    backups: Path
    host: str = "127.0.0.1"
    port: int = 8080
    admin_password: Secret = Secret("")
    timezone: str = "UTC"
    lease_s: float = 1.5
    stop_s: float = 10.0
    settle_s: float = 10.0
    backup_passphrase: Secret = Secret("")


class Listening(Struct, frozen=True, kw_only=True):
    """Where the gateway listens. `password` is that of the account `admin`, once, if this start has made one up."""

    host: str
    port: int
    password: str

    def __repr__(self) -> str:
        return f"Listening(host={self.host!r}, port={self.port})"
