"""The dashboard, the alert rules and the configuration of Prometheus: whole, and each as its reader wants it.

That what they ask for is measured is proved beside a running product, in tests/integration/test_observability.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "deploy" / "observability"
DURATION = re.compile(r"\d+[smh]")
VARIABLE = re.compile(r"\$(\w+)")
OF_GRAFANA = {"__rate_interval", "datasource"}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    return found


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def balanced(expression: str) -> bool:
    """Whether each bracket is closed by its like; what stands in quotes does not count."""
    pairs, opened = {")": "(", "]": "[", "}": "{"}, []
    for letter in re.sub(r'"[^"]*"', "", expression):
        if letter in pairs.values():
            opened.append(letter)
        elif letter in pairs and (not opened or opened.pop() != pairs[letter]):
            return False
    return not opened


def test_panels_are_told_apart_and_do_not_cover_each_other() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} covers {taken[x, y]}"
                taken[x, y] = panel["title"]


def test_panels_ask_by_variables_that_there_are() -> None:
    known = {variable["name"] for variable in dashboard()["templating"]["list"]} | OF_GRAFANA
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            assert set(VARIABLE.findall(target["expr"])) <= known, panel["title"]
            assert balanced(target["expr"]), target["expr"]


def test_each_alert_says_what_is_wrong_and_how_bad_it_is() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) and all(name.startswith("Showrunner") for name in names)
    for rule in rules():
        assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
        assert DURATION.fullmatch(rule["for"]) and rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert balanced(rule["expr"]), rule["expr"]
        told = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        kept = {label.strip() for by in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in by.split(",")}
        assert told <= kept, f"{rule['alert']} tells a label that its expression does not keep"


def test_prometheus_finds_every_service_of_compose() -> None:
    scrapes = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    names = {name for scrape in scrapes for found in scrape["dns_sd_configs"] for name in found["names"]}
    services = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]
    assert names == {name for name, service in services.items() if name == service.get("command", "").replace(" ", "-")}
