"""All services as programs, each with its own user of NATS and its own role in PostgreSQL, as compose.yaml has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.messaging.permissions import GATEWAY, OUR_CATEGORIES, SCHEDULER, WATCHING, worker_user
from tests.containers.runs import run_job
from tests.support.gateways import PASSWORD
from tests.support.locked import LockedNats
from tests.support.processes import Process, Processes
from tests.support.programs import person_at
from tests.support.roles import give_roles, maintenance_url, worker_url
from tests.support.servers import BreakablePostgres
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

ONE_OF_EACH = ("sync_plex", "apply_plex_access", "send_expiration_emails", "check_servers", "backup", "verify_backup")


async def test_everything_works_with_nothing_more_than_it_needs(
    folder: Path, postgres_server: BreakablePostgres, processes: Processes
) -> None:
    await give_roles(postgres_server)
    async with LockedNats(folder / "nats") as nats:

        def start(user: str, database_url: str, *words: str) -> Process:
            env = {
                "SHOWRUNNER_NATS_URL": nats.url_of(user),
                "SHOWRUNNER_DATABASE_URL": database_url,
                "SHOWRUNNER_KEY_FILE": str(folder / "key"),
                "SHOWRUNNER_ADMIN_PASSWORD": PASSWORD,
                "SHOWRUNNER_PORT": "0",
            }
            return processes.python("-m", "services.cli", *words, env=env)

        # Nobody has declared a stream yet: this one waits for the scheduler.
        gateway = start(GATEWAY, postgres_server.url, "gateway")
        await gateway.line("stream_reader_restarts")
        scheduler = start(SCHEDULER, "", "scheduler")
        admin = await (await person_at(gateway)).log_in()
        workers = [
            start(
                worker_user(category),
                maintenance_url(postgres_server) if category == WATCHING else worker_url(postgres_server),
                "worker",
                category,
            )
            for category in OUR_CATEGORIES
        ]
        async with admin:

            async def known() -> bool:
                jobs = {job["name"] for job in (await admin.read("/api/jobs"))["jobs"]}
                assert set(ONE_OF_EACH) <= jobs, jobs
                return True

            await wait_until(known, 30, what="jobs of every category")
            for job in ONE_OF_EACH:
                run = await run_job(admin, job)
                assert run["outcome"] in ("succeeded", "skipped"), run
        for program in (gateway, scheduler, *workers):
            assert "nats_refuses" not in program.text, program.text
            assert await program.stop() == 0
