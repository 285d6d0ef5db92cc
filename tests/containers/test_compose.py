"""compose.yaml on real containers: it starts, works, is locked down, scales, and comes back from every crash."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from services.cli.workers import CATEGORIES
from tests.containers.docker import DockerFailed, docker, inspect
from tests.containers.runs import is_ready, run_job
from tests.containers.stack import OURS, SERVERS, Stack, kill
from tests.simulators.jellyfin import JellyfinServer
from tests.support.gateways import Person
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("containers")

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
NATS_USERS = ("gateway", "scheduler", "subscriber", *(f"worker_{name}" for name in CATEGORIES))
SECRETS = (
    *("admin_password", "database_url", "database_url_maintenance", "database_url_worker", "grafana_password", "key"),
    *("nats_passwords", "postgres_password", *(f"nats_url_{user}" for user in NATS_USERS)),
)


async def test_the_page_and_the_api_answer(stack: Stack, admin: Person) -> None:
    async with Person(stack.url) as stranger:
        status, _ = await stranger.get("/api/jobs")
        assert status == 401
    async with admin.http.get("/") as page:
        assert page.status == 200
        assert "<title>Showrunner" in await page.text()
    jobs = {job["name"]: job for job in (await admin.read("/api/jobs"))["jobs"]}
    assert {"check_servers", "sync_plex", "sync_jellyfin"} <= jobs.keys()
    # A job may begin paused, until somebody wants it.
    assert all(job["next_run_at"] for job in jobs.values() if not job["paused"])


async def test_servers_are_checked_and_synced(admin: Person, jellyfin: JellyfinServer) -> None:
    # The gateway has sealed the server's token, and a worker opens it: they share the key.
    for job in ("check_servers", "sync_jellyfin"):
        run = await run_job(admin, job)
        assert run["outcome"] == "succeeded", run
    assert len((await admin.read("/api/libraries"))["libraries"]) == 3


@pytest.mark.parametrize("service", OURS)
async def test_a_service_is_nobody_and_can_write_nowhere(stack: Stack, service: str) -> None:
    container = stack.container(service)
    assert docker("exec", container, "id", "-u").strip() == "10001"
    with pytest.raises(DockerFailed, match="Read-only file system"):
        docker("exec", "--user=0", container, "touch", "/opt/showrunner/written")


@pytest.mark.parametrize("service", [*OURS, *SERVERS])
async def test_a_container_has_no_power_over_its_host(stack: Stack, service: str) -> None:
    container = stack.container(service)
    host: Any = inspect("container", container)["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0
    status = docker("exec", container, "cat", "/proc/1/status")
    assert [line.split()[1] for line in status.splitlines() if line.startswith("CapEff")] == ["0" * 16]


@pytest.mark.parametrize("service", SERVERS)
async def test_a_server_is_cut_off_from_the_world(stack: Stack, service: str) -> None:
    settings = inspect("container", stack.container(service))["NetworkSettings"]
    assert list(settings["Networks"]) == [f"{stack.project}_servers"]
    assert not any(settings["Ports"].values())
    assert inspect("network", f"{stack.project}_servers")["Internal"]


async def test_a_service_does_not_own_its_database_server(stack: Stack) -> None:
    # It may make databases of its own: a backup is verified, and tried before a restore, in one that goes away again.
    question = "SELECT rolsuper OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = 'showrunner'"
    ask = ("psql", "--host=/var/run/postgresql", "--username=postgres", "--tuples-only", "--no-align", "--command")
    assert docker("exec", stack.container("postgres"), *ask, question).strip() == "f"


@pytest.mark.parametrize("service", OURS)
async def test_a_service_starts_quickly(stack: Stack, service: str) -> None:
    container = stack.container(service)
    docker("restart", container)
    began = time.monotonic()
    await wait_until(lambda: _is_alive(container), 60, what=f"an answer of {service}")
    seconds = time.monotonic() - began
    # In processor seconds, since a machine that is busy with something else says nothing about us.
    numbers = docker("exec", container, "cat", "/proc/1/stat").rpartition(")")[2].split()
    user, system = (int(number) / TICKS_A_SECOND for number in numbers[11:13])  # proc_pid_stat(5)
    print(f"\n{service} answers after {seconds:.1f} s, {user + system:.1f} of a processor")
    assert user + system < 3.0


def _is_alive(container: str) -> bool:
    try:
        docker("exec", container, "python", "-m", "services.cli.alive")
    except DockerFailed:
        return False
    return True


async def test_logs_are_json_and_hold_no_secret(stack: Stack, admin: Person) -> None:
    await run_job(admin, "check_servers")
    for service in OURS:
        events = stack.log(stack.container(service))
        assert events, service
        assert all({"event", "level", "service", "timestamp"} <= event.keys() for event in events)
    everything = "".join(stack.said(stack.container(service)) for service in (*OURS, *SERVERS))
    assert "database system is ready" in everything
    assert [name for name in SECRETS if stack.secret(name) in everything] == []


async def test_secrets_that_exist_are_left_alone(stack: Stack) -> None:
    before = {name: stack.secret(name) for name in SECRETS}
    assert stack.make_secrets() == ""
    assert {name: stack.secret(name) for name in SECRETS} == before


@pytest.mark.parametrize("service", [*OURS, *SERVERS])
async def test_a_crash_is_survived(stack: Stack, admin: Person, jellyfin: JellyfinServer, service: str) -> None:
    container = stack.container(service)
    starts = inspect("container", container)["RestartCount"]
    kill(container)
    await wait_until(
        lambda: inspect("container", container)["RestartCount"] > starts, 30, what=f"another start of {service}"
    )
    await stack.healthy(service)
    await wait_until(lambda: _reached(admin), 60, what="a gateway that is ready")
    for job in ("check_servers", "sync_jellyfin"):
        run = await run_job(admin, job)
        assert run["outcome"] == "succeeded", run


async def _reached(person: Person) -> bool:
    try:
        return await is_ready(person)
    except OSError:
        return False


async def test_three_workers_share_the_work_and_a_second_scheduler_takes_over(stack: Stack, admin: Person) -> None:
    await stack.up("--scale", "worker-sync=3", "--scale", "scheduler=2")
    workers = {name[:12] for name in stack.containers("worker-sync")}
    assert len(workers) == 3
    taken: set[str] = set()

    async def all_have_worked() -> bool:
        run = await run_job(admin, "sync_plex")
        taken.add(str(run["worker"]).partition("-")[0])
        return taken == workers

    await wait_until(all_have_worked, 60, what="a run by each of three workers")

    leader = await _leader(admin)
    [leading] = [name for name in stack.containers("scheduler") if leader.startswith(name[:12])]
    [standby] = [name for name in stack.containers("scheduler") if name != leading]
    docker("kill", leading)  # asked for, so that it stays away until `up`
    await wait_until(lambda: _leads(admin, standby), 30, what="the standby's lead")
    await run_job(admin, "check_servers")
    await stack.up("--scale", "worker-sync=1", "--scale", "scheduler=1")


async def _leader(person: Person) -> str:
    return str((await person.read("/api/jobs"))["scheduler"]["leader"])


async def _leads(person: Person, container: str) -> bool:
    return (await _leader(person)).startswith(container[:12])


async def test_two_gateways_know_the_same(stack: Stack) -> None:
    await stack.up("--scale", "gateway=2", publish="127.0.0.1:")  # each on a free port
    published = [docker("port", name, "8080/tcp").strip() for name in stack.containers("gateway")]
    assert len(published) == 2
    async with Person(f"http://{published[0]}") as one, Person(f"http://{published[1]}") as other:
        for person in (one, other):
            await person.log_in(password=stack.secret("admin_password"))
        run = await run_job(one, "check_servers")
        seen = await wait_until(lambda: _found(other, run["id"]), what="the run at the other gateway")
        assert seen == run
    await stack.up("--scale", "gateway=1")


async def _found(person: Person, run_id: str) -> Any:
    status, run = await person.get(f"/api/runs/{run_id}")
    return run if status == 200 else None


async def test_down_and_up_keeps_everything(stack: Stack, admin: Person, jellyfin: JellyfinServer) -> None:
    run = await run_job(admin, "sync_jellyfin")
    stack.down()
    assert stack.containers("gateway") == []
    await stack.up()
    async with Person(stack.url) as person:
        await person.log_in(password=stack.secret("admin_password"))
        assert await person.read(f"/api/runs/{run['id']}") == run
        assert (await run_job(person, "sync_jellyfin"))["outcome"] == "succeeded"
