"""What others get to see of the product at work: figures, traces, and one line of JSON an event."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession

from shared.runtime.traces import span_id
from tests.simulators.household import make_household
from tests.simulators.neighbourhood import running
from tests.support.collectors import collector
from tests.support.installations import Installation, installation, names_in
from tests.support.processes import Processes

OBSERVABILITY = Path(__file__).parents[2] / "deploy" / "observability"
NAME = re.compile(r"\b(?:showrunner|process)_[a-z0-9_]+\b")
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

pytestmark = pytest.mark.slow


def expressions() -> dict[str, str]:
    """What the dashboard and the rules ask Prometheus, by the title of each."""
    dashboard: dict[str, Any] = json.loads((OBSERVABILITY / "grafana-dashboard.json").read_text())
    rules: dict[str, Any] = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())
    asked = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    asked |= {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    }
    return asked | {
        variable["name"]: variable["query"]["query"]
        for variable in dashboard["templating"]["list"]
        if variable["type"] == "query"
    }


async def test_all_that_the_dashboard_and_the_rules_ask_for_is_there(processes: Processes, folder: Path) -> None:
    async with installation(processes, folder) as product:
        names = names_in(await product.metrics())
    asked = {(title, name) for title, expression in expressions().items() for name in NAME.findall(expression)}
    assert {(title, name) for title, name in asked if name not in names} == set()
    shown = {name for _, name in asked}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names if name.startswith("showrunner_")}
    unseen = {family for family in families if not any(name.startswith(family) for name in shown)}
    assert not unseen, "what is measured, and shown nowhere"


async def test_a_sync_is_counted_and_traced_from_the_call_to_postgres(processes: Processes, folder: Path) -> None:
    household = make_household(people=6, plex_servers=0, jellyfin_servers=1, libraries=2)
    async with collector() as traces, running(household) as outside:
        attic, env = outside.jellyfin[0], {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        async with installation(processes, folder, **env) as product:
            await product.knows("sync_jellyfin")
            given = {"kind": "jellyfin", "name": "Attic", "url": attic.url, "token": attic.state.api_key}
            assert (await product.admin.post("/api/servers", **given))[0] == 201
            run = await product.run("sync_jellyfin", headers={"traceparent": TRACEPARENT})
            figures = await product.figures()
            asked, tick, attempt = (f"{what} sync_jellyfin" for what in ("ask for", "tick", "run"))
            found = await traces.spans(run, asked, tick, attempt, "ask jellyfin", "report projected")
    assert figures["showrunner_runs_total", frozenset({("category", "sync"), ("outcome", "succeeded")})] == 1
    assert figures["showrunner_ticks_total", frozenset({("trigger", "manual")})] == 1
    answered = frozenset({("kind", "jellyfin"), ("server", "Attic"), ("status", "ok")})
    assert figures["showrunner_outside_calls_total", answered] >= 1
    assert figures["showrunner_leading", frozenset()] == figures["showrunner_projecting", frozenset()] == 1

    by_name = {name: (sent.service, sent.parent) for name, sent in found.items()}
    assert by_name == {
        asked: ("showrunner-gateway", 0),
        tick: ("showrunner-scheduler", span_id(run, "asked")),
        attempt: ("showrunner-worker-sync", span_id(run, "tick")),
        "ask jellyfin": ("showrunner-worker-sync", span_id(run, "attempt", 1)),
        "report projected": ("showrunner-gateway", span_id(run, "attempt", 1)),
    }
    assert [link.trace_id.hex() for link in found[asked].span.links] == [TRACEPARENT.split("-")[1]]
    assert found[attempt].attributes["showrunner.outcome"] == "succeeded" and not found[attempt].failed
    times = [found[name].span.start_time_unix_nano for name in (asked, tick, attempt, "ask jellyfin")]
    assert times == sorted(times)


async def test_every_line_is_one_json_document_whatever_happens(processes: Processes, folder: Path) -> None:
    async with installation(processes, folder, SHOWRUNNER_LOG_LEVEL="debug") as product:
        await product.knows("check_servers")
        await product.run("check_servers")
        await _annoy(product)
    assert await product.process.stop() == 0
    lines = product.lines()
    said = {line["event"] for line in lines}
    assert {"data_folder", "listening", "leading", "worker_ready", "projecting", "stopping"} <= said
    assert {"aiohttp.server"} <= {line.get("logger") for line in lines}, "the library's own words, too"
    logged = [line for line in lines if "level" in line]
    assert all({"timestamp", "service", "event"} <= line.keys() for line in logged)


async def _annoy(product: Installation) -> None:
    """Send what aiohttp complains of by itself."""
    bad = {"Content-Length": "many"}
    async with ClientSession() as session, session.get(product.admin.url, headers=bad) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("words", "env", "why"),
    [
        (("scheduler",), {}, "SHOWRUNNER_NATS_URL"),
        (("gateway",), {"SHOWRUNNER_PORT": "eighty"}, "SHOWRUNNER_PORT"),
        (
            ("worker", "sync"),
            {"SHOWRUNNER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "SHOWRUNNER_KEY_FILE",
        ),
    ],
)
async def test_a_service_that_can_not_begin_says_why_in_one_line(
    processes: Processes, words: tuple[str, ...], env: dict[str, str], why: str
) -> None:
    process = processes.python("-m", "services.cli", *words, env={"SHOWRUNNER_LOG": "json", **env})
    assert await process.ended() == 1
    (line,) = [json.loads(line) for line in process.text.splitlines()]
    assert line["event"] == "ended_by_error" and why in line["reason"] and line["level"] == "critical"


async def test_nobody_is_held_up_by_a_collector_that_is_not_there(processes: Processes, folder: Path) -> None:
    async with installation(processes, folder, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1") as product:
        await product.knows("check_servers")
        await product.run("check_servers")
        assert await product.process.stop(timeout=15) == 0
    complaints = {line["logger"] for line in product.lines() if line.get("logger", "").startswith("opentelemetry")}
    assert complaints, "that spans are lost is told, as JSON"


async def test_opentelemetry_is_loaded_only_where_it_is_wanted(processes: Processes) -> None:
    bare = processes.python("-c", "import sys, services.cli.up; sys.exit('opentelemetry' in sys.modules)")
    assert await bare.ended() == 0
    without = "import sys; sys.modules['opentelemetry'] = None; from services.cli.main import main; sys.exit(main())"
    env = {"SHOWRUNNER_NATS_URL": "nats://127.0.0.1:1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    lacking = processes.python("-c", without, "scheduler", env=env)
    assert await lacking.ended() == 1
    assert "install showrunner[otel], or take the setting away" in lacking.text


async def test_a_sampler_that_is_not_understood_is_told(processes: Processes) -> None:
    env = {
        "SHOWRUNNER_NATS_URL": "nats://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "2",
    }
    process = processes.python("-m", "services.cli", "scheduler", env=env)
    assert await process.ended() == 1
    assert "OTEL_TRACES_SAMPLER_ARG=2: write always_on" in process.text
