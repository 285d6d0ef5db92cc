"""What every service is told: where the servers are, and where the key is."""

from __future__ import annotations

import ssl
from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

from services.gateway.schema import MIGRATIONS as JOBS_MIGRATIONS
from services.gateway.schema import SCHEMA as JOBS
from services.gateway.settings import GatewaySettings
from services.scheduler.settings import SchedulerSettings
from services.workers.runtime.settings import WorkerSettings
from shared.backups.backups import Backups
from shared.directory.directory import MIGRATIONS as MEDIA_MIGRATIONS
from shared.directory.directory import SCHEMA as MEDIA
from shared.messaging import Retention, trust
from shared.runtime.secrets import Secret, Vault
from shared.runtime.settings import Settings, SettingsError

LEASE_ALONE_S = 15.0
"""Of the lead, where nobody waits for it: each renewal is a write to the disk."""


class Wiring(Struct, frozen=True, kw_only=True):
    """The settings, with every address known. `alone`: NATS is ours, and nobody else runs a scheduler on it."""

    settings: Settings
    database_url: Secret
    nats_url: Secret
    key_file: Path
    alone: bool = False

    @property
    def nats_tls(self) -> ssl.SSLContext | None:
        """Whom to trust on the way to NATS, and what to show. Untrusted: a file is of no use."""
        return nats_tls(self.settings)

    @property
    def retention(self) -> Retention:
        return Retention(replicas=self.settings.replicas, lease_ms=int(self.lease_s * 1000))

    @property
    def lease_s(self) -> float:
        """For how long, in seconds, whoever leads may be silent."""
        return max(self.settings.lease_s, LEASE_ALONE_S) if self.alone else self.settings.lease_s

    @property
    def scheduler(self) -> SchedulerSettings:
        settings = self.settings
        return SchedulerSettings(
            zone=settings.timezone,
            lease_s=self.lease_s,
            alone=self.alone,
            ack_wait_s=settings.ack_wait_s,
            least_interval_ms=self._least_interval_ms,
        )

    @property
    def worker(self) -> WorkerSettings:
        settings = self.settings
        return WorkerSettings(
            concurrency=settings.concurrency,
            ack_wait_s=settings.ack_wait_s,
            drain_s=settings.drain_s,
            least_interval_ms=self._least_interval_ms,
        )

    @property
    def vault(self) -> Vault:
        """The vault of the key in the settings, else of the key file, made if it is missing. BadKey."""
        key = self.settings.secret("key")
        return Vault.from_text(key) if key else Vault.from_file(self.key_file)

    @property
    def _least_interval_ms(self) -> int:
        return int(self.settings.least_interval_s * 1000)

    def backups(self, vault: Vault) -> Backups:
        """The door to backups; `vault` is that of the key file."""
        schemas = {JOBS: JOBS_MIGRATIONS, MEDIA: MEDIA_MIGRATIONS}
        return Backups(
            self.backups_folder, self.database_url, vault, schemas, self.settings.secret("backup_passphrase")
        )

    @property
    def backups_folder(self) -> Path:
        chosen = self.settings.backups
        return Path(chosen).expanduser() if chosen else self.key_file.parent / "backups"

    @property
    def gateway(self) -> GatewaySettings:
        settings = self.settings
        return GatewaySettings(
            database_url=self.database_url,
            vault=self.vault,
            backups=self.backups_folder,
            backup_passphrase=settings.secret("backup_passphrase"),
            host=settings.host,
            port=settings.port,
            admin_password=settings.secret("admin_password"),
            timezone=settings.timezone,
            lease_s=self.lease_s,
        )


def nats_tls(settings: Settings) -> ssl.SSLContext | None:
    """Whom to trust on the way to NATS, and what to show. Untrusted: a file is of no use."""
    return trust(settings.nats_ca, settings.nats_cert, settings.nats_key)


EVERYTHING = ("DATABASE_URL", "NATS_URL", "KEY_FILE")


def wired(
    settings: Settings,
    folder: Path | None = None,
    *,
    database_url: str = "",
    nats_url: str = "",
    needs: Collection[str] = EVERYTHING,
) -> Wiring:
    """Settings, with the addresses of embedded servers where none is given. SettingsError: one of `needs` lacks."""
    database = settings.database_url or database_url
    nats = settings.nats_url or nats_url
    key_file = settings.key_file or (str(folder / "key") if folder else "")
    known = {"DATABASE_URL": database, "NATS_URL": nats, "KEY_FILE": key_file or settings.key}
    if lacking := [f"SHOWRUNNER_{name}" for name in needs if not known[name]]:
        raise SettingsError(f"a single service needs {', '.join(lacking)}; `showrunner up` needs none of them")
    if "KEY_FILE" in needs and not (key_file or settings.backups):
        raise SettingsError("SHOWRUNNER_BACKUPS is needed too: there is no key file beside which backups could be kept")
    return Wiring(
        settings=settings,
        database_url=Secret(database),
        nats_url=Secret(nats),
        key_file=Path(key_file),
        alone=not settings.nats_url and bool(nats_url),
    )
