"""The dashboard, offline: every query is one that Prometheus parses, on figures that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import yaml

from millwright.exports.monitoring.grafana import DASHBOARD, GrafanaTarget
from millwright.exports.monitoring.watch import WatchPlan
from millwright.monitoring.exposition.catalog import ALL

SERVED = {"millwright_requests_total", "millwright_request_duration_seconds_bucket"}


@pytest.fixture
def found():
    return json.loads(GrafanaTarget().files(WatchPlan())[DASHBOARD])


def queries(dashboard) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]


def test_dashboard_asks_only_for_figures_that_are_told(found):
    asked = {name for query in queries(found) for name in re.findall(r"millwright_\w+", query)}
    assert asked <= {metric.name for metric in ALL} | SERVED
    assert {metric.name for metric in ALL} <= asked


def test_panels_have_ids_of_their_own_and_do_not_overlap(found):
    places = [panel["gridPos"] for panel in found["panels"]]
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    cells = [
        (row, column)
        for place in places
        for row in range(place["y"], place["y"] + place["h"])
        for column in range(place["x"], place["x"] + place["w"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for _, column in cells) < 24


def test_figures_of_a_report_are_of_the_monitors_that_are_chosen(found):
    chosen = [query for query in queries(found) if 'endpoint=~"$endpoint"' in query and "lag_seconds" not in query]
    assert len(chosen) > 80
    assert all('monitor=~"$monitor"' in query for query in chosen)


def test_all_monitors_are_those_without_a_name_as_well(found):
    monitor = next(each for each in found["templating"]["list"] if each["name"] == "monitor")
    assert monitor["allValue"] == ".*"


def test_every_variable_of_a_query_is_declared(found):
    declared = {each["name"] for each in found["templating"]["list"]} | {"__rate_interval"}
    used = {name for query in queries(found) for name in re.findall(r"\$(\w+)", query)}
    assert used <= declared
    assert {panel["datasource"]["uid"] for panel in found["panels"] if panel["type"] != "row"} == {"${source}"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus")
def test_prometheus_parses_every_query(found, tmp_path):
    plain = [query.replace("$__rate_interval", "5m") for query in queries(found)]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(plain)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
